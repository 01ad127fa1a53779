// Writing and reading sequences of 32-bit words: the canonical binary form of facts and savepoints.
// Little-endian, every value starts on a word: u32 is one word, a double is two (IEEE bytes, low word first),
// a text is its length in bytes and then UTF-8 padded with zeros. Buffers grow; nothing else is clever.

const LITTLE_ENDIAN = new Uint8Array(Uint32Array.of(1).buffer)[0] === 1
if (!LITTLE_ENDIAN) throw new Error('Dure needs a little-endian processor: its canonical encoding is the memory image')

const double = new Float64Array(1)
const halves = new Int32Array(double.buffer)
const encoder = new TextEncoder()
const decoder = new TextDecoder('utf-8', { fatal: true })

export class WordWriter {
  words: Int32Array
  bytes: Uint8Array
  length = 0

  constructor(capacityWords = 1024) {
    this.words = new Int32Array(capacityWords)
    this.bytes = new Uint8Array(this.words.buffer)
  }

  reserve(words: number): void {
    const needed = this.length + words
    if (needed <= this.words.length) return
    const grown = new Int32Array(Math.max(needed, this.words.length * 2))
    grown.set(this.words.subarray(0, this.length))
    this.words = grown
    this.bytes = new Uint8Array(grown.buffer)
  }

  u32(value: number): void {
    if (this.length === this.words.length) this.reserve(1)
    this.words[this.length++] = value
  }

  f64(value: number): void {
    if (this.length + 2 > this.words.length) this.reserve(2)
    double[0] = value
    this.words[this.length++] = halves[0]!
    this.words[this.length++] = halves[1]!
  }

  text(value: string): void {
    this.reserve(1)
    const bytes = value.length === 0 ? 0 : this.#encode(value)
    this.words[this.length] = bytes
    this.length += 1 + ((bytes + 3) >> 2)
  }

  /** A copy of everything written so far. */
  toBytes(): Uint8Array {
    return this.bytes.slice(0, this.length * 4)
  }

  /** Writes the text's bytes after the word kept for its length; says how many there were. */
  #encode(value: string): number {
    this.reserve(2 + value.length)
    const start = (this.length + 1) * 4
    for (let i = 0; i < value.length; i++) {
      const code = value.charCodeAt(i)
      if (code > 127) return this.#encodeWide(value)
      this.bytes[start + i] = code
    }
    this.#pad(start + value.length)
    return value.length
  }

  #encodeWide(value: string): number {
    this.reserve(2 + value.length) // 3 bytes a UTF-16 unit at most, and a word holds 4
    const start = (this.length + 1) * 4
    const { written } = encoder.encodeInto(value, this.bytes.subarray(start))
    this.#pad(start + written)
    return written
  }

  #pad(end: number): void {
    for (let at = end; at % 4 !== 0; at++) this.bytes[at] = 0
  }
}

export class WordReader {
  readonly words: Int32Array
  readonly #bytes: Uint8Array
  at = 0

  /** `bytes` is copied, so that any alignment will do. */
  constructor(bytes: Uint8Array) {
    if (bytes.length % 4 !== 0) throw new RangeError(`expected whole words, got ${bytes.length} bytes`)
    this.#bytes = new Uint8Array(bytes) // not slice(): a Node Buffer would share its memory
    this.words = new Int32Array(this.#bytes.buffer)
  }

  get done(): boolean {
    return this.at >= this.words.length
  }

  u32(): number {
    const word = this.words[this.at++]
    if (word === undefined) throw new RangeError('the bytes end in the middle of a value')
    return word >>> 0
  }

  /** How many values follow, of so many words each. Checked at once: room for what is not there would take all the memory there is. */
  count(wordsEach: number): number {
    const count = this.u32()
    if (count * wordsEach > this.words.length - this.at) throw new RangeError('the bytes end in the middle of a list')
    return count
  }

  f64(): number {
    const low = this.u32()
    halves[1] = this.u32()
    halves[0] = low
    return double[0]!
  }

  text(): string {
    const length = this.u32()
    const start = this.at * 4
    if (start + length > this.#bytes.length) throw new RangeError('the bytes end in the middle of a text')
    this.at += (length + 3) >> 2
    try {
      return decoder.decode(this.#bytes.subarray(start, start + length))
    } catch (cause) {
      throw new RangeError('a text is not UTF-8', { cause })
    }
  }
}
