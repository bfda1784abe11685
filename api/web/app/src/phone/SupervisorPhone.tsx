import { createPortal } from 'react-dom';
import { useWatching } from '../pages/board/watching';
import { PhoneProvider } from './context';
import { PhoneNotice, PhonePanel } from './PhonePanel';

/** The softphone of a supervisor who has it in the page: it takes the call by which he is beside an agent. */
export default function SupervisorPhone({ notices }: { notices: HTMLElement | null }) {
  const { watch } = useWatching();
  return (
    <PhoneProvider screen={undefined} watch={watch?.id ?? null}>
      <PhonePanel server="" compact />
      {notices && createPortal(<PhoneNotice />, notices)}
    </PhoneProvider>
  );
}
