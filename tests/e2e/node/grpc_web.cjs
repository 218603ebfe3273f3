// The official gRPC-Web client, binary and text, over an XMLHttpRequest for Node.
"use strict";

global.XMLHttpRequest = undefined;
const { assert, base, check, done, equal, message, packages, protobuf, registry, words } = require("./shared.cjs");
global.XMLHttpRequest = packages("xhr2");
const web = packages("grpc-web");

const type = (name) => registry.getMessage(`echo.v1.${name}`);

function method(name, kind) {
  const [request, response] = [type(`${name}Request`), type(`${name}Response`)];
  return new web.MethodDescriptor(
    `/echo.v1.Echo/${name}`,
    kind,
    Object,
    Object,
    (it) => protobuf.toBinary(request, it),
    (bytes) => protobuf.fromBinary(response, bytes),
  );
}

function caller(format) {
  const client = new web.GrpcWebClientBase({ format });
  const url = (name) => `${base}/echo.v1.Echo/${name}`;
  return {
    unary: (name, init, metadata = {}) =>
      new Promise((resolve, reject) => {
        const request = message(`${name}Request`, init);
        client.rpcCall(url(name), request, metadata, method(name, "unary"), (error, answer) => {
          error ? reject(error) : resolve(answer);
        });
      }),
    stream: (name, init) =>
      new Promise((resolve) => {
        const seen = { messages: [], status: undefined, error: undefined };
        const call = client.serverStreaming(url(name), message(`${name}Request`, init), {}, method(name, "server_streaming"));
        call.on("data", (it) => seen.messages.push(it));
        call.on("status", (it) => (seen.status = it));
        call.on("error", (it) => resolve({ ...seen, error: it }));
        call.on("end", () => resolve(seen));
      }),
  };
}

async function fails(promise, code) {
  const error = await promise.then(() => assert.fail(`expected ${code}`), (it) => it);
  assert.equal(error.code, code, error.message);
  return error;
}

async function calls(format) {
  const { unary, stream } = caller(format);
  for (const text of ["", "ünïcödé \u{1f600}", "x".repeat(30000)]) {
    await check(`${format}: say ${text.length}`, async () => {
      const answer = await unary("Say", { words: words(text) }, { "x-echo": "one" });
      equal("SayResponse", answer, message("SayResponse", { words: words(text) }));
    });
  }
  await check(`${format}: fail`, async () => {
    const error = await fails(unary("Fail", { message: "no «thing»" }), web.StatusCode.NOT_FOUND);
    assert.equal(error.message, "no «thing»");
    assert.equal(error.metadata["x-fail"], "yes");
    assert.ok(error.metadata["grpc-status-details-bin"]);
  });
  await check(`${format}: no token`, () => fails(unary("Guarded", {}), web.StatusCode.UNAUTHENTICATED));
  await check(`${format}: deadline`, async () => {
    const deadline = String(Date.now() + 200);
    await fails(unary("Sleep", { milliseconds: 5000 }, { deadline }), web.StatusCode.DEADLINE_EXCEEDED);
  });
  if (format === "text") {
    // The client reads streams in this format only.
    await check(`${format}: count`, async () => {
      const seen = await stream("Count", { to: 200, size: 100 });
      assert.equal(seen.error, undefined);
      assert.deepEqual(seen.messages.map((it) => it.number), Array.from({ length: 200 }, (_, at) => at + 1));
      assert.equal(seen.status.code, 0);
    });
    await check(`${format}: count and fail`, async () => {
      const seen = await stream("Count", { to: 3, fail: true });
      assert.equal(seen.messages.length, 3);
      assert.equal(seen.error.code, web.StatusCode.NOT_FOUND);
      assert.equal(seen.error.message, "counted enough");
    });
  }
}

async function main() {
  await calls("binary");
  await calls("text");
  done();
  process.exit(0);
}

main().catch((error) => {
  console.error(error);
  process.exit(1);
});
