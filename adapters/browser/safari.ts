/** Detects browsers, as far as it is needed here. */
export type BrowserSigns = Pick<Navigator, 'userAgent' | 'maxTouchPoints'>;

/**
 * Safari on a Mac. Its H.264 and the service's do not understand each other, so that VP8 is used there. Others that run
 * on a Mac name themselves beside Safari; an iPad that asks for desktop sites has a touch screen.
 */
export const isDesktopSafari = ({ userAgent, maxTouchPoints }: BrowserSigns): boolean =>
  /Macintosh.*Version\/\S+ Safari\//.test(userAgent) &&
  !/Chrome|Chromium|CriOS|Edg|OPR|FxiOS|Firefox/.test(userAgent) &&
  maxTouchPoints <= 1;
