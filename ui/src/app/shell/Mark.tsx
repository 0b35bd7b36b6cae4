/** The house with water in it: the icon, drawn for small sizes. */
export function Mark({ size = 20 }: { size?: number }) {
  return (
    <svg width={size} height={size} viewBox="0 0 24 24" fill="none" aria-hidden="true">
      <path
        d="M4.2 13.6c1.3-.9 2.6-.9 3.9 0s2.6.9 3.9 0 2.6-.9 3.9 0 2.6.9 3.9 0V20a1 1 0 0 1-1 1H5.2a1 1 0 0 1-1-1z"
        fill="var(--ph-accent)"
      />
      <path
        d="M12 6.2c1 1.4 1.7 2.2 1.7 3.2a1.7 1.7 0 0 1-3.4 0c0-1 .7-1.8 1.7-3.2z"
        fill="var(--ph-accent)"
      />
      <path
        d="M12 2.4 20.4 9v11a1.4 1.4 0 0 1-1.4 1.4H5A1.4 1.4 0 0 1 3.6 20V9z"
        stroke="currentColor"
        strokeWidth="1.7"
        strokeLinejoin="round"
      />
    </svg>
  );
}
