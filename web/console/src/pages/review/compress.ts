// Makes a picture small enough to send: its longer edge, its bytes, its format.
interface Rules {
  readonly maxBytes: number;
  readonly maxPixels: number;
  readonly mediaTypes: readonly string[];
}

const LONGEST_EDGE = 2400;
const QUALITIES = [0.88, 0.75, 0.6, 0.45];
const SHRINK = 0.7;
const TRIES = 4;

export class NotAPicture extends Error {}

/** Throws NotAPicture if the browser cannot read it. */
export async function compress(file: File, rules: Rules): Promise<File> {
  const bitmap = await createImageBitmap(file, { imageOrientation: 'from-image' }).catch(() => {
    throw new NotAPicture(file.name);
  });
  try {
    const isFine = rules.mediaTypes.includes(file.type) && file.size <= rules.maxBytes;
    const edge = Math.max(bitmap.width, bitmap.height);
    if (isFine && edge <= LONGEST_EDGE && bitmap.width * bitmap.height <= rules.maxPixels) return file;
    const byPixels = Math.sqrt(rules.maxPixels / (bitmap.width * bitmap.height));
    let scale = Math.min(1, LONGEST_EDGE / edge, byPixels);
    for (let turn = 0; turn < TRIES; turn += 1, scale *= SHRINK) {
      const found = await encoded(bitmap, scale, rules);
      if (found) return new File([found], `${file.name.replace(/\.\w+$/, '')}.jpg`, { type: found.type });
    }
    throw new NotAPicture(file.name);
  } finally {
    bitmap.close();
  }
}

async function encoded(bitmap: ImageBitmap, scale: number, rules: Rules): Promise<Blob | null> {
  const canvas = document.createElement('canvas');
  canvas.width = Math.max(1, Math.floor(bitmap.width * scale));
  canvas.height = Math.max(1, Math.floor(bitmap.height * scale));
  const context = canvas.getContext('2d');
  if (!context) return null;
  context.fillStyle = '#fff'; // JPEG knows no transparency
  context.fillRect(0, 0, canvas.width, canvas.height);
  context.drawImage(bitmap, 0, 0, canvas.width, canvas.height);
  for (const quality of QUALITIES) {
    const blob = await new Promise<Blob | null>(resolve => canvas.toBlob(resolve, 'image/jpeg', quality));
    if (blob && blob.size <= rules.maxBytes) return blob;
  }
  return null;
}
