#include "admin/asker.h"

namespace tally::admin {

Asker::Asker(cli::Program& program)
    : ask_any_([&program](const Request& request) {
        return std::visit(
            [&](const auto& message) -> Result<Reply, Refusal> {
              auto reply = program.client().ask(message);
              if (!reply) return Unexpected{reply.error()};
              return Reply{std::move(*reply)};
            },
            request);
      }) {}

}  // namespace tally::admin
