/** The package ships its WebAssembly without types. Workers import it as a module, Node as the exports of an instance. */
declare module "@phi-ag/argon2/argon2.wasm" {
  const compiled: WebAssembly.Module;

  export { compiled as default };
}
