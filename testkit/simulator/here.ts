// The folder of the built simulator. The build writes the ES module half of this file itself.
export const here: string = __dirname;
