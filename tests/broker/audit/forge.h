#pragma once

#include <functional>
#include <string>
#include <variant>
#include <vector>

#include <catch2/catch.hpp>

#include "schemas/records.h"
#include "tests/broker/audit/history.h"

// Journals of the history that were changed by somebody who made their digests again.
namespace tally::audit::testing {

struct Restored {
  Restored() { history(); }
  ~Restored() { restore(); }
};

// Changes the records of each batch of a part.
void forge(PartId part, const std::function<void(std::vector<Record>&)>& change);

// Changes the first record of this kind for which `change` says true.
template <class R>
void forge_one(PartId part, const std::function<bool(R&)>& change) {
  bool is_done = false;
  forge(part, [&](std::vector<Record>& records) {
    for (Record& record : records) {
      R* r = std::get_if<R>(&record);
      if (r != nullptr && !is_done) is_done = change(*r);
    }
  });
  REQUIRE(is_done);
}

// The same of mail of this kind that the part sent.
template <class M>
void forge_mail(PartId part, const std::function<void(Mail&, M&)>& change) {
  forge_one<MailSent>(part, [&](MailSent& r) {
    M* mail = std::get_if<M>(&r.body);
    if (mail != nullptr) change(r.body, *mail);
    return mail != nullptr;
  });
}

// Leaves out the records for which `leave_out` says true.
void drop(PartId part, const std::function<bool(const Record&)>& leave_out);

// What the audit must say after it.
struct Forgery {
  std::function<void()> make;
  std::string named;
};
void check_found(const std::vector<Forgery>& forgeries);

}  // namespace tally::audit::testing
