#pragma once

#include "common/cli/program.h"
#include "schemas/messages/requester.h"

namespace tally::cli {

// Every page of a project's results, one after the other: `ask` gives the page for a message, `take` sees each row and
// says whether to go on. Fails with the broker's refusal, and where its pages do not end.
template <class Ask, class Take>
void walk_results(const Ask& ask, GetResults message, const Take& take) {
  while (true) {
    const ResultsPage page = ask(message);
    for (const ResultRow& row : page.rows) {
      if (!take(row)) return;
    }
    if (page.next.empty()) return;
    if (page.next == message.after) throw Failure{exit_refused, "the broker gives the same page again and again"};
    message.after = page.next;
  }
}

}  // namespace tally::cli
