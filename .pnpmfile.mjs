/** Packages are published without their sources, so without the condition by which this repository reads these. */
function withoutSourceCondition(exports) {
  if (typeof exports !== "object" || exports === null) return exports;
  const kept = Object.entries(exports).filter(([key]) => key !== "@polykeras/source");
  return Object.fromEntries(kept.map(([key, target]) => [key, withoutSourceCondition(target)]));
}

export const hooks = {
  beforePacking: (manifest) => ({ ...manifest, exports: withoutSourceCondition(manifest.exports) }),
};
