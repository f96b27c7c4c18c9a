// The reviewer's pictures: dropped, pasted, chosen or taken; made small here and uploaded at once.
import { useEffect, useRef, useState, type DragEvent } from 'react';

import { useClient } from 'urql';

import { newKey } from '../../api/useSubmit';
import { useMessages } from '../../i18n/messages';
import { compress, NotAPicture } from './compress';
import { UPLOAD } from './documents';
import type { Change, Draft, Uploaded } from './drafts';
import { messages } from './messages';

interface Rules {
  readonly maxPictures: number;
  readonly maxBytes: number;
  readonly maxPixels: number;
  readonly mediaTypes: readonly string[];
}

interface Props {
  readonly draft: Draft;
  readonly change: (change: Change) => void;
  readonly rules: Rules;
}

export function Evidence({ draft, change, rules }: Props) {
  const t = useMessages(messages);
  const { add, upload } = useUploads(change, rules);
  const [isOver, setOver] = useState(false);
  const chooser = useRef<HTMLInputElement>(null);
  const camera = useRef<HTMLInputElement>(null);
  const room = rules.maxPictures - draft.evidence.length;

  const take = useRef((_files: Iterable<File>) => {});
  take.current = files => add([...files].filter(({ type }) => type.startsWith('image/')).slice(0, room));
  useEffect(() => {
    const paste = (event: ClipboardEvent) => {
      const files = [...(event.clipboardData?.files ?? [])];
      if (files.length) {
        event.preventDefault();
        take.current(files);
      }
    };
    document.addEventListener('paste', paste);
    return () => document.removeEventListener('paste', paste);
  }, []);
  const drop = (event: DragEvent) => {
    event.preventDefault();
    setOver(false);
    take.current(event.dataTransfer.files);
  };

  return (
    <div className="field">
      <span>{t.evidence(rules.maxPictures)}</span>
      <div
        className={isOver ? 'dropzone is-over' : 'dropzone'}
        onDragOver={event => {
          event.preventDefault();
          setOver(true);
        }}
        onDragLeave={() => setOver(false)}
        onDrop={drop}
      >
        {draft.evidence.map(picture => (
          <Thumbnail
            key={picture.key}
            picture={picture}
            onRemove={() => change(known => ({ evidence: known.evidence.filter(({ key }) => key !== picture.key) }))}
            onAgain={() => picture.file && upload(picture.key, picture.file)}
          />
        ))}
        {room > 0 && (
          <>
            <button type="button" className="chip" onClick={() => chooser.current?.click()}>{t.choose}</button>
            <button type="button" className="chip only-touch" onClick={() => camera.current?.click()}>{t.camera}</button>
            {!draft.evidence.length && <span className="muted no-touch">{t.evidenceHint}</span>}
          </>
        )}
      </div>
      {[chooser, camera].map((ref, index) => (
        <input
          key={index}
          ref={ref}
          type="file"
          hidden
          multiple={index === 0}
          accept="image/*"
          aria-label={t.choose}
          {...(index === 1 && { capture: 'environment' as const })}
          onChange={event => {
            take.current(event.target.files ?? []);
            event.target.value = '';
          }}
        />
      ))}
    </div>
  );
}

function Thumbnail({ picture, onRemove, onAgain }: { picture: Uploaded; onRemove: () => void; onAgain: () => void }) {
  const t = useMessages(messages);
  return (
    <div className={`thumbnail thumbnail-${picture.state}`} title={picture.problem ?? undefined}>
      <img src={picture.preview} alt="" />
      {picture.state === 'uploading' && <span role="status">{t.uploading}</span>}
      {picture.state === 'failed' && <button type="button" onClick={onAgain} aria-label={t.again} title={picture.problem ?? t.again}>↻</button>}
      <button type="button" className="thumbnail-remove" onClick={onRemove} aria-label={t.remove}>×</button>
    </div>
  );
}

function useUploads(change: (change: Change) => void, rules: Rules) {
  const client = useClient();
  const t = useMessages(messages);
  const put = (key: string, part: Partial<Uploaded>) =>
    change(known => ({ evidence: known.evidence.map(each => (each.key === key ? { ...each, ...part } : each)) }));

  const upload = async (key: string, file: File) => {
    put(key, { state: 'uploading', problem: null });
    const result = await client.mutation(UPLOAD, { input: { file } }).toPromise();
    const payload = result.data?.uploadEvidence;
    if (payload?.evidence) put(key, { state: 'done', id: payload.evidence.id });
    else put(key, { state: 'failed', problem: payload?.refusals[0]?.message ?? result.error?.message ?? null });
  };
  const add = (files: readonly File[]) => {
    for (const file of files) {
      const key = newKey();
      const preview = URL.createObjectURL(file);
      change(known => ({
        evidence: [...known.evidence, { key, file: null, preview, state: 'uploading', id: null, problem: null }],
      }));
      compress(file, rules).then(
        small => {
          put(key, { file: small });
          return upload(key, small);
        },
        (error: unknown) => put(key, { state: 'failed', problem: error instanceof NotAPicture ? t.notAPicture : String(error) }),
      );
    }
  };
  return { add, upload: (key: string, file: File) => void upload(key, file) };
}
