import { defineConfig } from "vite";

export default defineConfig({
  build: {
    target: "es2022",
    // The gateway's policy allows no inline data beside images; a small file of its own is as good.
    assetsInlineLimit: 0,
    // The helper would put a script of its own into the page for browsers that do not need it.
    modulePreload: { polyfill: false },
  },
  server: { proxy: { "/api": "http://127.0.0.1:7780" } },
});
