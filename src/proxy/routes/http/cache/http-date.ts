const months = ['Jan', 'Feb', 'Mar', 'Apr', 'May', 'Jun', 'Jul', 'Aug', 'Sep', 'Oct', 'Nov', 'Dec'];
const month = `(?<month>${months.join('|')})`;
const time = '(?<hours>\\d\\d):(?<minutes>\\d\\d):(?<seconds>\\d\\d)';

/** RFC 9110 section 5.6.7: the form that is sent, and the two obsolete ones that must be understood. */
const forms = [
  new RegExp(`^(?:Mon|Tue|Wed|Thu|Fri|Sat|Sun), (?<day>\\d\\d) ${month} (?<year>\\d{4}) ${time} GMT$`),
  new RegExp(
    `^(?:Monday|Tuesday|Wednesday|Thursday|Friday|Saturday|Sunday), (?<day>\\d\\d)-${month}-(?<year>\\d\\d) ${time} GMT$`,
  ),
  new RegExp(`^(?:Mon|Tue|Wed|Thu|Fri|Sat|Sun) ${month} (?<day>[ \\d]\\d) ${time} (?<year>\\d{4})$`),
];

/**
 * An HTTP-date as Unix milliseconds; `undefined` for anything else. `Date.parse` would take "0" and "-1", which servers send
 * as an `Expires` that is over.
 *
 * @param now Unix milliseconds: a year of two digits that would be more than 50 years ahead is in the past
 */
export function parseHttpDate(text: string | undefined, now: number): number | undefined {
  if (text === undefined) return undefined;
  for (const form of forms) {
    const parts = form.exec(text.trim())?.groups;
    if (parts !== undefined) return moment(parts, now);
  }
  return undefined;
}

function moment(parts: { readonly [name: string]: string | undefined }, now: number): number | undefined {
  const { day = '', year = '', hours = '', minutes = '', seconds = '' } = parts;
  const monthIndex = months.indexOf(parts.month ?? '');
  const fullYear = year.length === 2 ? yearOfTwoDigits(Number(year), now) : Number(year);
  // A leap second is the last one that our clocks have.
  const date = new Date(
    Date.UTC(
      fullYear,
      monthIndex,
      Number(day),
      Number(hours),
      Number(minutes),
      Math.min(59, Number(seconds)),
    ),
  );
  date.setUTCFullYear(fullYear);
  const isReal =
    date.getUTCDate() === Number(day) && Number(hours) < 24 && Number(minutes) < 60 && Number(seconds) < 61;
  return isReal ? date.getTime() : undefined;
}

function yearOfTwoDigits(year: number, now: number): number {
  const present = new Date(now).getUTCFullYear();
  const inThisCentury = present - (present % 100) + year;
  return inThisCentury > present + 50 ? inThisCentury - 100 : inThisCentury;
}
