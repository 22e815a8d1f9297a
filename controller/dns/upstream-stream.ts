import { connect } from 'node:net';
import type { Endpoint } from '#contract/environment.ts';
import { createFrames } from './frames.ts';

/** Milliseconds for a whole exchange over TCP. */
const STREAM_MS = 3000;

/**
 * Asks one question over a TCP connection of its own.
 * @param onEnd called once: with the message that came, or without one
 * @returns how to give up; it says whether there was something to give up
 */
export function askOverStream(
  endpoint: Endpoint,
  question: Buffer,
  onEnd: (answer: Buffer | undefined) => void,
): () => boolean {
  const socket = connect({ host: endpoint.address, port: endpoint.port, noDelay: true });
  let over = false;
  const end = (answer: Buffer | undefined) => {
    if (over) return;
    over = true;
    clearTimeout(timer);
    socket.destroy();
    onEnd(answer);
  };
  const timer = setTimeout(() => end(undefined), STREAM_MS);
  const frames = createFrames((answer) => end(answer));
  socket.on('connect', () => {
    const frame = Buffer.alloc(question.length + 2);
    frame.writeUInt16BE(question.length, 0);
    question.copy(frame, 2);
    socket.write(frame);
  });
  socket.on('data', (chunk: Buffer) => frames.take(chunk));
  socket.on('error', () => end(undefined));
  socket.on('close', () => end(undefined));
  return () => {
    if (over) return false;
    over = true;
    clearTimeout(timer);
    socket.destroy();
    return true;
  };
}
