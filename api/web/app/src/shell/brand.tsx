import css from './shell.module.css';

export function Brand({ size = 26, name = true }: { size?: number; name?: boolean }) {
  return (
    <span className={css.brand}>
      <svg width={size} height={size} viewBox="0 0 32 32" aria-hidden>
        <rect width="32" height="32" rx="8" fill="#0b6b6e" />
        <path d="M5 13.5c3.7-3.6 7.3-3.6 11 0s7.3 3.6 11 0" fill="none" stroke="#fff" strokeWidth="2.6" strokeLinecap="round" />
        <path d="M5 20.5c3.7-3.6 7.3-3.6 11 0s7.3 3.6 11 0" fill="none" stroke="#8fd6d3" strokeWidth="2.6" strokeLinecap="round" />
      </svg>
      {name && <span style={{ fontSize: size * 0.68 }}>Dialtide</span>}
    </span>
  );
}
