/** The name of the one operation of a document, which may begin with fragments; empty without one. */
export function operationName(text: string): string {
  return /(?:^|[\s}])(?:query|mutation|subscription)\s+(\w+)\s*[({@]/.exec(text)?.[1] ?? '';
}
