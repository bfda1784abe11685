import { useLayoutEffect, useRef } from 'react';
import { useStream } from '../../stream/context';

/**
 * Tells the server when the pop of a call is painted, which the bridge waits for: a task that is posted from a frame's callback runs
 * after that frame was drawn. A hidden page draws nothing, so it is not waited for. Before the first pop it says that it will tell.
 */
export function usePopShown(attempt: string): void {
  const stream = useStream();
  const told = useRef(false);
  useLayoutEffect(() => {
    if (!attempt && told.current) return;
    told.current = true;
    const tell = () => void stream.command('pop_shown', attempt ? { attempt_id: attempt } : {});
    if (!attempt || document.hidden) return tell();
    const after = new MessageChannel();
    after.port1.onmessage = tell;
    const frame = requestAnimationFrame(() => after.port2.postMessage(null));
    return () => {
      cancelAnimationFrame(frame);
      after.port1.close();
    };
  }, [stream, attempt]);
}
