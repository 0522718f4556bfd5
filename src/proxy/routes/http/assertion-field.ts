/** The request field in which the upstream learns who asks: a JWT, made here, never taken from outside. */
export const assertionField = 'castling-assertion';
