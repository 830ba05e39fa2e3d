/** `true` when the same request cannot succeed later: neither the server nor a passing condition has failed it. */
export const isPermanentStatus = (status: number): boolean =>
  status >= 400 && status < 500 && ![408, 425, 429].includes(status);
