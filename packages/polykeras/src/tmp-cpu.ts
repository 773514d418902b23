
(globalThis as any).MARKS = []; const M = (globalThis as any).MARKS;
const { useBackend } = await import("@polykeras/core");
await useBackend("cpu");
const P = await import("polykeras"); const { uniform } = await import("@polykeras/core");
const { Dense, Dropout, Sequential, setRandomSeed } = P;
const noise = (seed: number, rows: number, columns: number) => ({ data: Float32Array.from(uniform([seed, 0, 0, 0], rows * columns, "float32")), shape: [rows, columns] });
const x = noise(1, 1000, 20), y0 = noise(2, 1000, 1), y = { data: y0.data.map(Math.round), shape: y0.shape }, xt = noise(3, 100, 20), yt0 = noise(4, 100, 1), yt = { data: yt0.data.map(Math.round), shape: yt0.shape };
for (let r = 0; r < 1; r++) {
M.length = 0; setRandomSeed(1); const t0 = performance.now();
const model = Sequential([Dense(64, { inputDim: 20, activation: "relu" }), Dropout(0.5), Dense(64, { activation: "relu" }), Dropout(0.5), Dense(1, { activation: "sigmoid" })]);
M.push(["built", performance.now(), ""]);
model.compile({ loss: "binary_crossentropy", optimizer: "rmsprop", metrics: ["accuracy"] });
M.push(["compiled", performance.now(), ""]);
let e = 0;
await model.fit(x, y, { epochs: 20, batchSize: 128, verbose: 0, callbacks: [P.callbacks.LambdaCallback({ onEpochEnd: () => { e++; if (e % 5 === 1) M.push(["epoch " + e, performance.now(), ""]); } })] });
M.push(["fitted", performance.now(), ""]);
await model.evaluate(xt, yt, { batchSize: 128, verbose: 0 });
M.push(["evaluated", performance.now(), ""]);
let l = t0; console.log(M.map(([n, t, d]: any) => { const s = n + " " + (t - l).toFixed(2); l = t; return s; }).join(" | ") + "  TOTAL " + (l - t0).toFixed(1)); 
}
