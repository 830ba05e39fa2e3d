// The folder of this module once compiled. The build writes the ES-module half of this file itself.
export const here: string = __dirname;
