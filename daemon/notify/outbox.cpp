#include "notify/outbox.hpp"

#include <algorithm>
#include <string_view>
#include <unordered_set>
#include <utility>

#include "notify/fields.hpp"

namespace trainstop::notify {

namespace {

bool is_informational(const Event& event) {
  return event.level < Level::warning;
}

/// Between half of the bound and the bound, which doubles with each failure; what the sink asked
/// for counts up to the longest.
Duration wait_after(int failures, const std::optional<Duration>& asked, double random) {
  Duration bound = Outbox::kFirstWait;
  for (int i = 1; i < failures && bound < Outbox::kLongestWait; ++i) bound *= 2;
  bound = std::min(bound, Outbox::kLongestWait);
  const auto half = bound / 2;
  const Duration jittered =
      half + Duration(static_cast<Duration::rep>(static_cast<double>(half.count()) * random));
  return std::max(jittered, std::min(asked.value_or(Duration{0}), Outbox::kLongestWait));
}

}  // namespace

std::string lane_of(const Event& event) {
  const std::string_view job = text_field(event, "job");
  if (job.empty()) return {};
  std::string lane(text_field(event, "account"));
  lane += '/';
  lane += text_field(event, "project_id");
  lane += '/';
  lane += job;
  return lane;
}

Outbox::Outbox(std::string sink, std::function<double()> random)
    : sink_(std::move(sink)), random_(std::move(random)), trouble_(sink_) {}

std::vector<Outbox::Seq> Outbox::add(Seq seq, std::shared_ptr<const Event> event, Instant now) {
  Entry entry;
  entry.lane = lane_of(*event);
  entry.event = std::move(event);
  entry.since = now;
  return insert(seq, std::move(entry));
}

std::vector<Outbox::Seq> Outbox::recall(Seq seq, std::shared_ptr<const Event> event,
                                        Instant since) {
  Entry entry;
  entry.lane = lane_of(*event);
  entry.event = std::move(event);
  entry.since = since;
  entry.released = true;
  return insert(seq, std::move(entry));
}

std::vector<Outbox::Seq> Outbox::insert(Seq seq, Entry entry) {
  std::vector<Seq> dropped;
  if (entries_.size() >= kMost) {
    auto victim = entries_.end();
    for (auto each = entries_.begin(); each != entries_.end(); ++each) {
      if (each->second.under_way) continue;
      if (victim == entries_.end()) victim = each;
      if (!is_informational(*each->second.event)) continue;
      victim = each;
      break;
    }
    trouble_.dropped(1);
    // Nothing that is told to act on makes room for what is not.
    const bool stays = is_informational(*entry.event) && !is_informational(*victim->second.event);
    dropped.push_back(stays ? seq : victim->first);
    if (stays) return dropped;
    entries_.erase(victim);
  }
  entries_.insert_or_assign(seq, std::move(entry));
  return dropped;
}

void Outbox::release(Seq seq, std::shared_ptr<const Event> told) {
  const auto found = entries_.find(seq);
  if (found == entries_.end()) return;
  found->second.event = std::move(told);
  found->second.released = true;
}

std::optional<Outbox::Attempt> Outbox::next(Instant now) {
  if (now < next_try_ || under_way_ >= (failures_ > 0 ? 1 : kAtOnce)) return {};
  std::unordered_set<std::string_view> taken;
  for (auto& [seq, entry] : entries_) {
    if (!taken.insert(entry.lane).second || entry.under_way || !entry.released) continue;
    entry.under_way = true;
    entry.round = round_;
    ++under_way_;
    Attempt attempt;
    attempt.seq = seq;
    attempt.event = entry.event;
    return attempt;
  }
  return {};
}

Instant Outbox::wake() const {
  const bool waits = under_way_ == 0 && failures_ > 0 && !entries_.empty();
  return waits ? next_try_ : kNever;
}

std::vector<Outbox::Seq> Outbox::done(Seq seq, const Sent& sent, Instant now) {
  const auto found = entries_.find(seq);
  Entry& entry = found->second;
  --under_way_;
  entry.under_way = false;
  std::vector<Seq> over;
  if (sent.outcome == Sent::Outcome::delivered) {
    failures_ = 0;
    next_try_ = kLongAgo;
    trouble_.delivered();
    over.push_back(seq);
    entries_.erase(found);
    return over;
  }
  count_failure(entry, sent, now);
  const bool refused = sent.outcome == Sent::Outcome::refused;
  if (refused && ++entry.refusals >= kMostRefusals) over.push_back(seq);
  for (const auto& [other, each] : entries_) {
    const bool too_old = now >= saturating_add(each.since, kKeptFor);
    if (too_old && !each.under_way && (over.empty() || other != over.front())) {
      over.push_back(other);
    }
  }
  for (const Seq each : over) entries_.erase(each);
  if (!over.empty()) trouble_.gave_up(over.size(), sent.problem);
  return over;
}

/// Attempts that were under way together fail for one reason: they count once.
void Outbox::count_failure(const Entry& entry, const Sent& sent, Instant now) {
  if (entry.round != round_) return;
  ++round_;
  ++failures_;
  next_try_ = saturating_add(now, wait_after(failures_, sent.retry_after, random_()));
  trouble_.failed(sent.problem, now);
}

std::vector<Outbox::Seq> Outbox::waiting() const {
  std::vector<Seq> all;
  for (const auto& [seq, entry] : entries_) all.push_back(seq);
  return all;
}

}  // namespace trainstop::notify
