/** Sends a datagram and prints the answer: `node udp-echo.ts ADDRESS PORT`. Ends with 1 if none comes within 2 s. */
import { createSocket } from "node:dgram";

const answerWithinMs = 2_000;
const [address = "", port = "0"] = process.argv.slice(2);
const socket = createSocket(address.includes(":") ? "udp6" : "udp4");

const giveUp = setTimeout(() => {
  process.exitCode = 1;
  socket.close();
}, answerWithinMs);

socket.on("error", () => {});
socket.on("message", (answer) => {
  process.stdout.write(answer.toString());
  clearTimeout(giveUp);
  socket.close();
});
socket.send("hello", Number(port), address);
