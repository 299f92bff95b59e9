#pragma once

#include <cstdio>
#include <cstdlib>

// An assertion states what can be false only through our own bug. It stays on in release builds: a broker that goes
// on with a broken state could pay wrongly, one that stops is rebuilt from its journal. Never assert on what a peer,
// a file or the database sent. One condition each, no side effects.
#define TALLY_ASSERT(condition)                                                                           \
  do {                                                                                                    \
    if (!(condition)) {                                                                                   \
      std::fprintf(stderr, "%s:%d: assertion failed: %s\n", __FILE__, __LINE__, #condition); /* NOLINT */ \
      std::abort();                                                                                       \
    }                                                                                                     \
  } while (false)
