#include "gateway/http/body_reader.h"

#include <algorithm>
#include <charconv>
#include <system_error>

#include "common/base/assert.h"

namespace tally::gateway::http {
namespace {

const ClientError no_chunk = {400, "a chunk that is none"};
const ClientError too_long = {413, "the body is too long"};
const ClientError framing_too_long = {431, "what is around the chunks is too long"};

bool is_control(char c) { return (static_cast<unsigned char>(c) < 0x20 && c != '\t') || c == 0x7f; }

}  // namespace

void BodyReader::expect(std::size_t bytes) {
  TALLY_ASSERT(bytes <= bytes_max_);
  left_ = bytes;
  step_ = bytes == 0 ? Step::done : Step::all;
}

Result<std::size_t, ClientError> BodyReader::take(std::string_view bytes) {
  std::size_t taken = 0;
  while (!is_done() && taken < bytes.size()) {
    const Taken now = take_step(bytes.substr(taken));
    if (!now) return now;
    if (*now == 0) break;
    taken += *now;
  }
  return taken;
}

BodyReader::Taken BodyReader::take_step(std::string_view bytes) {
  if (step_ == Step::all || step_ == Step::chunk) return take_content(bytes);
  if (step_ == Step::chunk_end) return take_chunk_end(bytes);
  return take_line(bytes);
}

BodyReader::Taken BodyReader::take_content(std::string_view bytes) {
  const std::size_t now = std::min(left_, bytes.size());
  body_.append(bytes.substr(0, now));
  left_ -= now;
  if (left_ == 0) step_ = step_ == Step::all ? Step::done : Step::chunk_end;
  return now;
}

BodyReader::Taken BodyReader::take_chunk_end(std::string_view bytes) {
  constexpr std::string_view end = "\r\n";
  const std::string_view came = bytes.substr(0, end.size());
  if (came != end.substr(0, came.size())) return Unexpected{no_chunk};
  if (came.size() < end.size()) return std::size_t{0};
  step_ = Step::size;
  return end.size();
}

BodyReader::Taken BodyReader::take_line(std::string_view bytes) {
  const std::size_t end = bytes.find('\n');
  if (end == std::string_view::npos) {
    if (bytes.size() >= framing_bytes_max_) return Unexpected{framing_too_long};
    return std::size_t{0};
  }
  if (end >= framing_bytes_max_) return Unexpected{framing_too_long};
  if (end == 0 || bytes[end - 1] != '\r') return Unexpected{no_chunk};
  const std::string_view line = bytes.substr(0, end - 1);
  if (std::any_of(line.begin(), line.end(), is_control)) return Unexpected{no_chunk};
  const auto read = step_ == Step::size ? read_size(line) : read_after(line);
  if (!read) return Unexpected{read.error()};
  return end + 1;
}

Result<Done, ClientError> BodyReader::read_size(std::string_view line) {
  std::size_t size = 0;
  const char* const end = line.data() + line.size();
  const auto [behind, error] = std::from_chars(line.data(), end, size, 16);
  if (error == std::errc::result_out_of_range) return Unexpected{too_long};
  if (error != std::errc{} || (behind != end && *behind != ';')) return Unexpected{no_chunk};
  if (size > bytes_max_ - body_.size()) return Unexpected{too_long};
  left_ = size;
  step_ = size == 0 ? Step::after : Step::chunk;
  return Done{};
}

Result<Done, ClientError> BodyReader::read_after(std::string_view line) {
  after_bytes_ += line.size();
  if (after_bytes_ > framing_bytes_max_) return Unexpected{framing_too_long};
  if (line.empty()) {
    step_ = Step::done;
  } else if (line.find(':') == std::string_view::npos) {
    return Unexpected{no_chunk};
  }
  return Done{};
}

}  // namespace tally::gateway::http
