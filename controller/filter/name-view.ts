/** RFC 1035 section 2.3.4: a name has at most 255 octets, so at most 127 labels and the root. */
export const MAX_NAME_OCTETS = 255;
export const MAX_LABELS = 127;

/**
 * A name read in place: where each label starts in octets that belong to somebody else.
 * One view is made a worker and filled again for each question, so that reading allocates nothing.
 */
export interface NameView {
  octets: Uint8Array;
  /** Offset of each label's length octet, the leftmost label first. */
  readonly starts: Int32Array;
  /** Labels without the root. */
  labels: number;
  /** Offset of the root's zero octet. */
  end: number;
}

export function createNameView(): NameView {
  return { octets: new Uint8Array(0), starts: new Int32Array(MAX_LABELS + 1), labels: 0, end: 0 };
}

/**
 * Reads the uncompressed name at `offset` into `view`.
 * @returns offset just past the root label; -1 when the name is cut short, too long, or holds a pointer.
 * @see RFC 1035 section 3.1
 */
export function readName(octets: Uint8Array, offset: number, view: NameView): number {
  const limit = octets.length;
  let at = offset;
  let labels = 0;
  while (at < limit) {
    const length = octets[at] as number;
    if (length === 0) {
      view.octets = octets;
      view.labels = labels;
      view.end = at;
      return at + 1;
    }
    if (length > 63 || at + length + 2 - offset > MAX_NAME_OCTETS) return -1;
    view.starts[labels] = at;
    labels += 1;
    at += length + 1;
  }
  return -1;
}

/** The wire form of `name` (A-labels, no trailing dot, already valid), for tests, own rules and explanations. */
export function composeName(name: string): Uint8Array {
  if (name === '') return new Uint8Array(1);
  const octets = new Uint8Array(name.length + 2);
  let at = 0;
  for (const label of name.split('.')) {
    octets[at] = label.length;
    for (let i = 0; i < label.length; i++) octets[at + 1 + i] = label.charCodeAt(i);
    at += label.length + 1;
  }
  return octets;
}

/** A view of its own on `name`, which must be valid. */
export function viewOf(name: string): NameView {
  const view = createNameView();
  readName(composeName(name), 0, view);
  return view;
}

/**
 * The name as people write it, lower case, from label `first` on. Octets that are no printable ASCII, and dots
 * inside a label, are written `\DDD` (RFC 1035 section 5.1), so that two names never read the same.
 */
export function nameText(view: NameView, first = 0): string {
  let text = '';
  for (let label = first; label < view.labels; label++) {
    const start = view.starts[label] as number;
    const length = view.octets[start] as number;
    if (label > first) text += '.';
    for (let i = start + 1; i <= start + length; i++) text += octetText(view.octets[i] as number);
  }
  return text;
}

function octetText(octet: number): string {
  const lower = octet >= 65 && octet <= 90 ? octet | 32 : octet;
  const plain = lower > 32 && lower < 127 && lower !== 46 && lower !== 92;
  return plain ? String.fromCharCode(lower) : `\\${String(octet).padStart(3, '0')}`;
}
