#include "baseten/collector.hpp"

#include <fmt/format.h>

#include <utility>

#include "baseten/decode.hpp"
#include "baseten/json.hpp"

namespace trainstop::baseten {

namespace {

// More records than any workspace has; a reply without end stops here.
constexpr std::size_t kMostElements = 200'000;
constexpr std::size_t kMostJobs = 50'000;
// What one list may add to the memory, about 30,000 jobs: the daemon has to fit into 40 MiB.
constexpr std::size_t kMostDecodedBytes = 16 * 1024 * 1024;
// An element stands two levels deep in the reply.
constexpr std::size_t kElementDepth = kDeepest - 2;

std::size_t bytes_of(const std::optional<std::string>& text) {
  return text ? text->size() : 0;
}

std::size_t bytes_of(const JobSnapshot& job) {
  return sizeof job + job.id.size() + job.project_id.size() + job.project_name.size() +
         job.status.size() + job.instance_type.size() + bytes_of(job.name) +
         bytes_of(job.gpu_type) + bytes_of(job.availability) + bytes_of(job.user);
}

}  // namespace

JobCollector::JobCollector(std::shared_ptr<const KnownJobs> last, std::uint64_t seed)
    : last_(std::move(last)), seed_(seed), known_(std::make_shared<KnownJobs>()) {
  known_->reserve(last_->size());
  ids_.reserve(last_->size());
  list_.jobs.reserve(last_->size());
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
  const auto [place, is_new] = known_->try_emplace(hash);
  if (!is_new) return true;  // the same record twice
  const auto same = last_->find(hash);
  if (same == last_->end()) return decode(raw, hash);
  place->second = same->second;
  return add_known(same->second);
}

bool JobCollector::add_known(const JobRef& job) {
  if (!ids_.insert(job->id).second) {
    skip(fmt::format("job {} is listed twice and differs", job->id));
    return true;
  }
  if (list_.jobs.size() == kMostJobs) return fail("reply lists more than 50000 jobs");
  list_.jobs.push_back(job);
  return true;
}

bool JobCollector::decode(std::string_view raw, const RecordHash& hash) {
  const auto value = parse_json(raw, kElementDepth);
  if (!value) return fail("reply is not JSON");
  auto decoded = decode_job(*value);
  if (decoded.has_error()) {
    // Forgotten, so that the same bytes are counted and told again.
    known_->erase(hash);
    skip(decoded.error().message);
    return true;
  }
  decoded_bytes_ += bytes_of(*decoded);
  if (decoded_bytes_ > kMostDecodedBytes) return fail("reply lists more new jobs than fit");
  auto job = std::make_shared<JobSnapshot>(std::move(*decoded));
  const std::size_t before = list_.jobs.size();
  if (!add_known(job)) return false;
  if (list_.jobs.size() == before) {
    known_->erase(hash);
    return true;
  }
  (*known_)[hash] = job;
  fresh_.push_back(std::move(job));
  return true;
}

JobList JobCollector::finish(const std::function<void(JobSnapshot&)>& translate) {
  for (const auto& job : fresh_) translate(*job);
  fresh_.clear();
  ids_.clear();
  return std::move(list_);
}

}  // namespace trainstop::baseten
