import type { IncomingMessage } from 'node:http';
import type { Duplex } from 'node:stream';
import { createWebSocketStream, type WebSocket, WebSocketServer } from 'ws';

/** Octets of one frame: a whole packet of the largest size, and some. */
const FRAME_MOST = 131_072;
const SUBPROTOCOL = 'mqtt';
/** RFC 6455 section 7.4.1: a type of data that this endpoint cannot accept. */
const UNSUPPORTED_DATA = 1003;

export interface WebSocketDoor {
  /** Turns an upgrade request that the web door has believed into a stream of MQTT octets. */
  upgrade(request: IncomingMessage, socket: Duplex, head: Buffer, onStream: (stream: Duplex) => void): void;
  close(): void;
}

/** @see MQTT 3.1.1 section 6 */
export function openWebSocketDoor(): WebSocketDoor {
  const server = new WebSocketServer({
    noServer: true,
    maxPayload: FRAME_MOST,
    perMessageDeflate: false,
    handleProtocols: (offered) => offered.has(SUBPROTOCOL) && SUBPROTOCOL,
  });
  return {
    upgrade(request, socket, head, onStream) {
      const offered = (request.headers['sec-websocket-protocol'] ?? '').split(',').map((name) => name.trim());
      if (!offered.includes(SUBPROTOCOL)) {
        refuse(socket, 'wanted the WebSocket subprotocol mqtt');
        return;
      }
      server.handleUpgrade(request, socket, head, (webSocket) => onStream(octetsOf(webSocket)));
    },
    close: () => server.close(),
  };
}

function octetsOf(webSocket: WebSocket): Duplex {
  webSocket.on('message', (_octets, isBinary) => {
    // MQTT-6.0.0-1
    if (!isBinary) webSocket.close(UNSUPPORTED_DATA, 'wanted binary frames');
  });
  const stream = createWebSocketStream(webSocket, { allowHalfOpen: false });
  stream.once('close', () => webSocket.terminate());
  return stream;
}

function refuse(socket: Duplex, reason: string): void {
  socket.on('error', () => socket.destroy());
  socket.end(
    `HTTP/1.1 400 Bad Request\r\nConnection: close\r\nContent-Type: text/plain\r\nContent-Length: ${reason.length}\r\n\r\n${reason}`,
    () => socket.destroy(),
  );
}
