// Where each role begins.
export const homes: Record<string, string> = { worker: "/work", requester: "/projects", admin: "/admin" };
