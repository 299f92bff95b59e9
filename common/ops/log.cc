#include "common/ops/log.h"

#include <spdlog/logger.h>
#include <spdlog/sinks/stdout_sinks.h>

namespace tally::ops {

class Log::Impl {
 public:
  spdlog::logger logger{"tally", std::make_shared<spdlog::sinks::stderr_sink_mt>()};
};

Log::Log(std::string_view level) : impl_(std::make_unique<Impl>()) {
  const auto known = spdlog::level::from_str(std::string(level));
  impl_->logger.set_level(known == spdlog::level::off ? spdlog::level::info : known);
  impl_->logger.set_pattern("%Y-%m-%dT%H:%M:%S.%eZ %l %v", spdlog::pattern_time_type::utc);
  impl_->logger.set_error_handler([](const std::string&) {});
  impl_->logger.flush_on(spdlog::level::info);
}
Log::~Log() = default;

void Log::debug(std::string_view line) const { impl_->logger.debug("{}", line); }
void Log::info(std::string_view line) const { impl_->logger.info("{}", line); }
void Log::warn(std::string_view line) const { impl_->logger.warn("{}", line); }
void Log::error(std::string_view line) const { impl_->logger.error("{}", line); }

}  // namespace tally::ops
