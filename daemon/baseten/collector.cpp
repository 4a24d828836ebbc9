#include "baseten/collector.hpp"

#include <fmt/format.h>
#include <xxhash.h>

#include <utility>

#include "baseten/decode.hpp"
#include "baseten/json.hpp"

namespace trainstop::baseten {

namespace {

// More records than any workspace has; a reply without end stops here.
constexpr std::size_t kMostElements = 200'000;
constexpr std::size_t kMostJobs = 50'000;
// What the new jobs of one list may take, packed, until it is complete: some 50,000 usual ones.
constexpr std::size_t kMostPackedBytes = 4 * 1024 * 1024;
// An element stands two levels deep in the reply.
constexpr std::size_t kElementDepth = kDeepest - 2;

}  // namespace

JobCollector::JobCollector(std::shared_ptr<const KnownJobs> last, std::uint64_t seed)
    : last_(std::move(last)), seed_(seed), fresh_(kMostPackedBytes) {
  items_.reserve(last_->size());
  places_.reserve(last_->size());
}

bool JobCollector::fail(std::string problem) {
  problem_ = std::move(problem);
  return false;
}

void JobCollector::skip(const std::string& why) {
  if (++list_.unusable == 1) list_.first_problem = fmt::format("record {}: {}", elements_, why);
}

bool JobCollector::add(std::string_view raw) {
  if (++elements_ > kMostElements) return fail("reply lists more than 200000 records");
  if (raw.empty()) {
    skip("larger than 256 KiB");
    return true;
  }
  const XXH128_hash_t digest = XXH3_128bits_withSeed(raw.data(), raw.size(), seed_);
  const RecordHash hash{digest.low64, digest.high64};
  const auto same = last_->find(hash);
  if (same == last_->end()) return decode(raw, hash);
  const JobRef& job = same->second;
  return !is_first(job->id, hash) || keep(job->id, hash, job);
}

bool JobCollector::decode(std::string_view raw, const RecordHash& hash) {
  const auto value = parse_json(raw, kElementDepth);
  if (!value) return fail("reply is not JSON");
  const auto job = decode_job(*value);
  if (job.has_error()) {
    skip(job.error().message);
    return true;
  }
  if (!is_first(job->id, hash)) return true;
  const std::string_view id = fresh_.add(*job);
  if (id.empty()) return fail("reply lists more new jobs than fit");
  return keep(id, hash, nullptr);
}

bool JobCollector::is_first(std::string_view id, const RecordHash& hash) {
  const auto place = places_.find(id);
  if (place == places_.end()) return true;
  const bool is_equal = items_[place->second].hash == hash;
  if (!is_equal) skip(fmt::format("job {} is listed twice and differs", id));
  return false;
}

bool JobCollector::keep(std::string_view id, const RecordHash& hash, JobRef job) {
  if (items_.size() == kMostJobs) return fail("reply lists more than 50000 jobs");
  places_.emplace(id, static_cast<std::uint32_t>(items_.size()));
  items_.push_back(Item{hash, std::move(job)});
  return true;
}

JobList JobCollector::finish(const std::function<void(JobSnapshot&)>& translate) {
  places_ = {};
  auto next = items_.begin();
  fresh_.unpack([&](const JobSnapshot& packed) {
    while (next->job) ++next;
    auto job = std::make_shared<JobSnapshot>(packed);
    translate(*job);
    next->job = std::move(job);
  });
  auto known = std::make_shared<KnownJobs>();
  known->reserve(items_.size());
  list_.jobs.reserve(items_.size());
  for (Item& item : items_) {
    known->emplace(item.hash, item.job);
    list_.jobs.push_back(std::move(item.job));
  }
  items_ = {};
  known_ = std::move(known);
  return std::move(list_);
}

}  // namespace trainstop::baseten
