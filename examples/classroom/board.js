/** Tic-tac-toe, squares 1 to 9, as a class writes it. */
export class Board {
  squares = Array(9).fill(' ');

  /** Puts a mark on a square; false when it is taken or is none. */
  play(mark, square) {
    if (this.squares[square - 1] !== ' ') return false;
    this.squares[square - 1] = mark;
    return true;
  }

  /** The best square at hand: the middle, a corner, a side. */
  suggestion() {
    return [5, 1, 3, 7, 9, 2, 4, 6, 8].find((square) => this.squares[square - 1] === ' ');
  }

  /** `X`, `O`, `draw`, or nothing while the game goes on. */
  result() {
    const lines = ['123', '456', '789', '147', '258', '369', '159', '357'];
    for (const line of lines) {
      const marks = [...line].map((square) => this.squares[square - 1]).join('');
      if (marks === 'XXX' || marks === 'OOO') return marks[0];
    }
    return this.squares.includes(' ') ? undefined : 'draw';
  }

  toString() {
    const cells = this.squares.map((mark, index) => (mark === ' ' ? String(index + 1) : mark));
    const row = (from) => ` ${cells.slice(from, from + 3).join(' | ')}`;
    return [row(0), row(3), row(6)].join('\n---+---+---\n');
  }
}
