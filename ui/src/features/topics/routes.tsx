/** The pages of this feature, for `app/router.tsx`. */
export const topicsRoutes = [] as const;
