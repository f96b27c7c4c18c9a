// Times as a clock on the wall of a time zone shows them, `YYYY-MM-DDTHH:mm`: what a date field takes.

const formats = new Map<string, Intl.DateTimeFormat>();

export function wallTime(at: number | string, timeZone: string): string {
  let format = formats.get(timeZone);
  if (!format) {
    format = new Intl.DateTimeFormat('sv-SE', { timeZone, dateStyle: 'short', timeStyle: 'short' });
    formats.set(timeZone, format);
  }
  return format.format(new Date(at)).replace(' ', 'T');
}

export function instantAt(wall: string, timeZone: string): string {
  const asUtc = Date.parse(`${wall}Z`);
  const offset = (at: number) => Date.parse(`${wallTime(at, timeZone)}Z`) - at;
  // Once more, as the offset may change between the two.
  return new Date(asUtc - offset(asUtc - offset(asUtc))).toISOString();
}
