import dgram from 'node:dgram';

/** Sends each datagram back as an answer: what this platform can do when there is nothing to decide. */
const socket = dgram.createSocket({
  type: 'udp4',
  recvBufferSize: 4 << 20,
  sendBufferSize: 4 << 20,
  lookup: (host, _family, done) => done(null, host, 4),
});
socket.on('message', (message, from) => {
  message[2] = (message[2] ?? 0) | 0x80;
  socket.send(message, from.port, from.address);
});
socket.bind(Number(process.argv[2]), '127.0.0.1');
process.once('SIGTERM', () => process.exit(0));
