// Where each role begins, and the beginnings of all paths that are its own.
export const homes: Record<string, string> = { worker: "/work", requester: "/projects", admin: "/admin" };
const paths: Record<string, string[]> = { worker: ["/work", "/earnings"], requester: ["/projects"], admin: ["/admin"] };

// Where to go after signing in: on with what one was at, where that is a page of this role.
export function afterSignIn(role: string, path: string): string {
  const isOwn = [...(paths[role] ?? []), "/sign-ins"].some((own) => path === own || path.startsWith(`${own}/`));
  return isOwn ? path : (homes[role] ?? "/");
}
