// What core may take from the platform beyond ECMAScript: the few names that every
// runtime has (browsers, Node, workers). Seen only by tsconfig.core.json; elsewhere the
// platform's own, fuller declarations of the same names apply.

declare function btoa(binary: string): string;
declare function atob(base64: string): string;

declare class TextEncoder {
  encode(text: string): Uint8Array;
}

interface AbortSignal {
  readonly aborted: boolean;
  readonly reason: unknown;
  addEventListener(type: 'abort', listener: () => void, options?: { once?: boolean }): void;
  removeEventListener(type: 'abort', listener: () => void): void;
}

interface Blob {
  readonly size: number;
  readonly type: string;
  arrayBuffer(): Promise<ArrayBuffer>;
}
