#include "requester/items_file.h"

#include <cerrno>
#include <istream>
#include <stdexcept>
#include <sys/stat.h>
#include <system_error>

#include "common/forms/form.h"

namespace tally::requester {
namespace {

// Looking at the file's stamp costs a system call; the digest at the end catches what falls between.
constexpr std::int64_t rows_between_looks = 1000;

std::string reason(int error) { return std::generic_category().message(error); }

}  // namespace

DigestingFile::DigestingFile(const std::string& path) : path_(path), file_(path, std::ios::binary) {
  if (!file_) throw std::runtime_error("cannot open " + path);
}

DigestingFile::int_type DigestingFile::underflow() {
  file_.read(buffer_.data(), static_cast<std::streamsize>(buffer_.size()));
  const std::streamsize got = file_.gcount();
  // Thrown through the istream above, which turns it into its bad state.
  if (file_.bad()) throw std::runtime_error("cannot read " + path_);
  if (got == 0) return traits_type::eof();
  digest_.add({buffer_.data(), static_cast<std::size_t>(got)});
  setg(buffer_.data(), buffer_.data(), buffer_.data() + got);
  return traits_type::to_int_type(buffer_[0]);
}

Result<FileStamp, std::string> stamp_of(const std::string& path) {
  struct stat found {};
  if (::stat(path.c_str(), &found) != 0) return Unexpected{path + ": " + reason(errno)};
  if (S_ISDIR(found.st_mode)) return Unexpected{path + " is a folder; name the CSV file"};
  if (!S_ISREG(found.st_mode)) {
    return Unexpected{path + " is not a regular file; it is read twice, so save it to a file first"};
  }
  return FileStamp{found.st_size, found.st_mtim.tv_sec * 1'000'000'000 + found.st_mtim.tv_nsec, found.st_ino};
}

Result<Survey, std::string> survey_items(const std::string& path, const ProjectSpec& spec) {
  const auto stamp = stamp_of(path);
  if (!stamp) return Unexpected{stamp.error()};
  Survey survey;
  survey.stamp = *stamp;
  const auto note = [&](const project::ItemsMistake& mistake) {
    ++survey.mistakes_count;
    if (survey.mistakes.size() < mistakes_max) survey.mistakes.push_back(to_text(mistake, path));
  };
  try {
    DigestingFile file(path);
    std::istream in(&file);
    auto reader = project::ItemsReader::open(in);
    if (!reader) {
      note(reader.error());
      return survey;  // Without columns nothing else can be said.
    }
    survey.header = reader->header();
    while (true) {
      const auto row = reader->next();
      if (!row) {
        note(row.error());
        continue;
      }
      if (!row->has_value()) break;
      ++survey.items;
      const Item& item = (*row)->item;
      survey.answers_max += item.answers.value_or(spec.redundancy.max);
      survey.gold += item.gold.empty() ? 0 : 1;
      survey.is_gold.push_back(!item.gold.empty());
      const auto gold = forms::gold_ballots(spec.form, item.gold);
      if (!gold) note({(*row)->line, "", gold.error()});
    }
    survey.digest = file.digest();
  } catch (const std::runtime_error& error) {
    return Unexpected{path + ": " + error.what()};
  }
  return survey;
}

ItemsStream::ItemsStream(std::string path, const Survey& survey)
    : path_(std::move(path)), stamp_(survey.stamp), expected_(survey.digest) {}

Result<ItemsStream, std::string> ItemsStream::open(const std::string& path, const Survey& survey) {
  ItemsStream stream(path, survey);
  const auto stamp = stamp_of(path);
  if (!stamp) return Unexpected{stamp.error()};
  if (*stamp != survey.stamp) return Unexpected{stream.changed()};
  try {
    stream.file_ = std::make_unique<DigestingFile>(path);
  } catch (const std::runtime_error& error) {
    return Unexpected{std::string(error.what())};
  }
  stream.in_ = std::make_unique<std::istream>(stream.file_.get());
  auto reader = project::ItemsReader::open(*stream.in_);
  if (!reader || reader->header() != survey.header) return Unexpected{stream.changed()};
  stream.reader_.emplace(std::move(*reader));
  return stream;
}

Result<std::optional<Item>, std::string> ItemsStream::next() {
  try {
    auto row = reader_->next();
    if (!row) return Unexpected{changed()};
    if (row->has_value()) {
      if (++read_ % rows_between_looks == 0) {
        const auto stamp = stamp_of(path_);
        if (!stamp || *stamp != stamp_) return Unexpected{changed()};
      }
      return std::optional(std::move((*row)->item));
    }
  } catch (const std::runtime_error& error) {
    return Unexpected{path_ + ": " + error.what()};
  }
  if (file_->digest() != expected_) return Unexpected{changed()};
  return std::optional<Item>();
}

std::string ItemsStream::changed() const { return path_ + " changed while it was being posted"; }

}  // namespace tally::requester
