// A workbook changed as a spreadsheet program would: a ZIP archive of XML parts, one of which is written anew.
import { crc32, inflateRawSync } from 'node:zlib';

interface Part {
  name: string;
  bytes: Buffer;
}

/** The workbook with the text of one part changed. */
export function rewrite(book: Buffer, name: string, change: (text: string) => string): Buffer {
  const parts = unpack(book).map((part) => (part.name === name ? { name, bytes: Buffer.from(change(part.bytes.toString('utf8'))) } : part));
  return pack(parts);
}

function unpack(book: Buffer): Part[] {
  const end = book.lastIndexOf(Buffer.from('PK\x05\x06', 'latin1'));
  const parts: Part[] = [];
  let at = book.readUInt32LE(end + 16);
  for (let left = book.readUInt16LE(end + 10); left > 0; left -= 1) {
    const [packed, named, more, said] = [book.readUInt32LE(at + 20), ...[28, 30, 32].map((offset) => book.readUInt16LE(at + offset))];
    const local = book.readUInt32LE(at + 42);
    const from = local + 30 + book.readUInt16LE(local + 26) + book.readUInt16LE(local + 28);
    const bytes = book.subarray(from, from + packed);
    const deflated = book.readUInt16LE(at + 10) === 8;
    parts.push({ name: book.toString('utf8', at + 46, at + 46 + named), bytes: deflated ? inflateRawSync(bytes) : bytes });
    at += 46 + named + more + said;
  }
  return parts;
}

/** Every part stored as it is, without compression. */
function pack(parts: Part[]): Buffer {
  const files: Buffer[] = [];
  const list: Buffer[] = [];
  let offset = 0;
  for (const { name, bytes } of parts) {
    // Version, flags, method, time and day; then the sum, both sizes, the name's length and no more.
    const about = Buffer.alloc(26);
    about.writeUInt16LE(20, 0);
    about.writeUInt16LE(33, 8);
    about.writeUInt32LE(crc32(bytes), 10);
    about.writeUInt32LE(bytes.length, 14);
    about.writeUInt32LE(bytes.length, 18);
    about.writeUInt16LE(Buffer.byteLength(name), 22);
    const file = Buffer.concat([Buffer.from('PK\x03\x04', 'latin1'), about, Buffer.from(name), bytes]);
    const tail = Buffer.alloc(14);
    tail.writeUInt32LE(offset, 10);
    list.push(Buffer.concat([Buffer.from('PK\x01\x02\x14\x00', 'latin1'), about, tail, Buffer.from(name)]));
    files.push(file);
    offset += file.length;
  }
  const directory = Buffer.concat(list);
  const end = Buffer.alloc(22);
  end.write('PK\x05\x06', 'latin1');
  end.writeUInt16LE(parts.length, 8);
  end.writeUInt16LE(parts.length, 10);
  end.writeUInt32LE(directory.length, 12);
  end.writeUInt32LE(offset, 16);
  return Buffer.concat([...files, directory, end]);
}
