// What persons have changed, as the checker knows it.
#include <algorithm>

#include "proof/known.hpp"

namespace trainstop::proof {

/// Whoever is spared for a while is told anew when that ends.
void Known::note_careful(Instant now) {
  for (auto& [id, job] : jobs) {
    if (!job.alive() || std::max(job.changed, shift_changed) != now) continue;
    for (auto& [name, pair] : job.pairs) {
      const RuleText* rule = rules->find(name);
      const bool spared = rule == nullptr || !enforces(*rule, now) || exempt(job, now) ||
                          this->spared(job, name, now);
      // What was told while it was spared was not meant in earnest: it is forgotten.
      if (pair.careful && !spared && pair.told != kNever) {
        pair.owed_since = now;
        pair.told = kNever;
      }
      pair.careful = spared;
    }
  }
}

/// A hand was laid on or taken off.
void Known::note_hand(const Hand& hand, Instant now) {
  if (hand.kind == Hand::Kind::extend) return;
  for (auto& [id, job] : jobs) {
    if (!job.alive()) continue;
    for (auto& [name, pair] : job.pairs) {
      const RuleText* rule = rules->find(name);
      if (!hand.covers(job, name) || rule == nullptr) continue;
      const bool is_spared = !enforces(*rule, now) || exempt(job, now) || spared(job, name, now);
      if (pair.careful && !is_spared) {
        pair.expected = true;
        pair.judged = false;
        if (pair.told != kNever) pair.owed_since = now;
        pair.told = kNever;
      }
      pair.careful = is_spared;
    }
  }
  judge_first(now);
}

void Known::take_hand(const Event& event, Instant now) {
  const std::string id = text_of(event, "override");
  const auto found = std::ranges::find(hands, id, &Hand::id);
  if (event.name == "operator.stop") {
    if (KnownJob* job = find(text_of(event, "job"))) job->ordered = now;
  } else if (event.name == "operator.expired" || event.name == "operator.revoke" ||
             event.name == "operator.resume") {
    if (found == hands.end()) return;
    found->ended = now;
    note_hand(*found, now);
  } else if (found == hands.end() && !id.empty()) {
    const std::string kind = text_of(event, "kind");
    Hand hand;
    hand.id = id;
    hand.kind = kind == "pause"    ? Hand::Kind::pause
                : kind == "extend" ? Hand::Kind::extend
                                   : Hand::Kind::exempt;
    hand.job = text_of(event, "job");
    hand.rule = text_of(event, "rule");
    if (const Value* by = event.find("by")) hand.by = std::get<Duration>(by->data);
    hand.from = now;
    hand.until = instant_of(event, "until").value_or(kNever);
    hands.push_back(hand);
    note_hand(hand, now);
  }
}

/// A job that is over a rule when the rule is judged for the first time gets first notice.
void Known::judge_first(Instant now) {
  for (auto& [id, job] : jobs) {
    if (!job.alive()) continue;
    for (const RuleText& rule : rules->rules) {
      const auto found = job.pairs.find(rule.name);
      if (found == job.pairs.end() || found->second.judged) continue;
      PairMemory& pair = found->second;
      const Truth value = trip_value(rule, job, now);
      if (value == Truth::unknown && !estimated(job)) continue;
      pair.judged = true;
      if (pair.expected && value == Truth::yes) pair.notice_until = now + rules->first_notice;
    }
  }
}

}  // namespace trainstop::proof
