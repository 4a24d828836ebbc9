#include "baseten/packed_jobs.hpp"

#include <cstdint>
#include <cstring>
#include <optional>
#include <type_traits>

namespace trainstop::baseten {

namespace {

// A block of its own mapping, which goes back to the system as soon as it is freed.
constexpr std::size_t kBlockSize = 256 * 1024;
// In place of a text's length; no text is that long.
constexpr std::uint16_t kAbsent = 0xfffe;
constexpr std::uint16_t kSameAsBefore = 0xffff;

class Writer {
 public:
  explicit Writer(std::string& to) : to_(to) {}

  template <class T>
  void number(T value) {
    static_assert(std::is_trivially_copyable_v<T>);
    char bytes[sizeof value];
    std::memcpy(bytes, &value, sizeof value);
    to_.append(bytes, sizeof bytes);
  }
  void text(const std::string& value) {
    number(static_cast<std::uint16_t>(value.size()));
    to_ += value;
  }
  void text(const std::string& value, const std::string& before) {
    if (value == before) return number(kSameAsBefore);
    text(value);
  }
  void text(const std::optional<std::string>& value, const std::optional<std::string>& before) {
    if (value == before) return number(kSameAsBefore);
    if (!value) return number(kAbsent);
    text(*value);
  }
  void number(const std::optional<std::int32_t>& value) {
    number(static_cast<char>(value.has_value()));
    if (value) number(*value);
  }

 private:
  std::string& to_;
};

/// Reads what Writer wrote, over the job before.
class Reader {
 public:
  Reader(const char* from, const char* end) : at_(from), end_(end) {}

  bool is_done() const { return at_ == end_; }
  template <class T>
  void number(T& value) {
    std::memcpy(&value, at_, sizeof value);
    at_ += sizeof value;
  }
  void text(std::string& value) {
    std::uint16_t size = 0;
    number(size);
    if (size == kSameAsBefore) return;
    value.assign(at_, size);
    at_ += size;
  }
  void text(std::optional<std::string>& value) {
    std::uint16_t size = 0;
    number(size);
    if (size == kSameAsBefore) return;
    if (size == kAbsent) return value.reset();
    value.emplace(at_, size);
    at_ += size;
  }
  void number(std::optional<std::int32_t>& value) {
    char has_value = 0;
    number(has_value);
    value.reset();
    if (has_value) number(value.emplace());
  }

 private:
  const char* at_;
  const char* end_;
};

void write(Writer writer, const JobSnapshot& job, const JobSnapshot& before) {
  writer.text(job.id);
  writer.text(job.project_id, before.project_id);
  writer.text(job.project_name, before.project_name);
  writer.text(job.name, before.name);
  writer.text(job.status, before.status);
  writer.number(job.created_at);
  writer.number(job.updated_at);
  writer.text(job.instance_type, before.instance_type);
  writer.number(job.gpu_count);
  writer.text(job.gpu_type, before.gpu_type);
  writer.number(job.node_count);
  writer.number(job.priority);
  writer.text(job.availability, before.availability);
  writer.text(job.user, before.user);
}

void read(Reader& reader, JobSnapshot& job) {
  reader.text(job.id);
  reader.text(job.project_id);
  reader.text(job.project_name);
  reader.text(job.name);
  reader.text(job.status);
  reader.number(job.created_at);
  reader.number(job.updated_at);
  reader.text(job.instance_type);
  reader.number(job.gpu_count);
  reader.text(job.gpu_type);
  reader.number(job.node_count);
  reader.number(job.priority);
  reader.text(job.availability);
  reader.text(job.user);
}

}  // namespace

PackedJobs::PackedJobs(std::size_t most_bytes) : most_blocks_(most_bytes / kBlockSize) {}

std::string_view PackedJobs::add(const JobSnapshot& job) {
  scratch_.clear();
  write(Writer(scratch_), job, previous_);
  if (blocks_.empty() || blocks_.back().used + scratch_.size() > kBlockSize) {
    if (blocks_.size() == most_blocks_) return {};
    blocks_.push_back({std::make_unique_for_overwrite<char[]>(kBlockSize), 0});
  }
  Block& block = blocks_.back();
  char* const place = block.bytes.get() + block.used;
  std::memcpy(place, scratch_.data(), scratch_.size());
  block.used += scratch_.size();
  previous_ = job;
  return {place + sizeof(std::uint16_t), job.id.size()};
}

void PackedJobs::unpack(const std::function<void(JobSnapshot&)>& take) const {
  JobSnapshot job;
  for (const Block& block : blocks_) {
    Reader reader(block.bytes.get(), block.bytes.get() + block.used);
    while (!reader.is_done()) {
      read(reader, job);
      take(job);
    }
  }
}

}  // namespace trainstop::baseten
