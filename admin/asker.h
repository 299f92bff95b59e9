#pragma once

#include <functional>
#include <utility>
#include <variant>

#include "common/base/result.h"
#include "common/cli/program.h"
#include "schemas/messages.h"
#include "schemas/refusals.h"

// The one seam between the commands and the broker, so that tests can answer in its place.
namespace tally::admin {

class Asker {
 public:
  using AskAny = std::function<Result<Reply, Refusal>(const Request&)>;
  explicit Asker(AskAny ask_any) : ask_any_(std::move(ask_any)) {}
  // Through the program's connection, which is made at the first question.
  explicit Asker(cli::Program& program);

  // The reply; a refusal ends the command (cli::Failure).
  template <class M>
  typename M::Reply ask(const M& message) {
    auto reply = try_ask(message);
    if (!reply) cli::fail(reply.error());
    return std::move(reply).value();
  }
  template <class M>
  Result<typename M::Reply, Refusal> try_ask(const M& message) {
    Result<Reply, Refusal> reply = ask_any_(Request{message});
    if (!reply) return Unexpected{reply.error()};
    if (auto* expected = std::get_if<typename M::Reply>(&reply.value())) return std::move(*expected);
    return Unexpected{Refusal{RefusalCode::malformed, "the broker answered with another kind of message", 0}};
  }

 private:
  AskAny ask_any_;
};

}  // namespace tally::admin
