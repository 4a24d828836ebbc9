// The decision machine's inside: the steps that act on what it knows. Each step stands in the
// file named above it; all of them write into the one batch that `handle` is about to give.
#pragma once

#include <map>
#include <set>
#include <string>
#include <vector>

#include "core/core.hpp"
#include "core/judge.hpp"
#include "core/knowledge.hpp"

namespace trainstop::core {

/// What still needs a person is told again this often.
inline constexpr Duration kTellAgain = std::chrono::hours(1);

struct Core::Impl : Knowledge {
  Impl(policy::Config configuration, Instant start, Duration utc_shift, std::uint64_t seed);

  // core.cpp: the order of work within one call.
  Batch handle(const Fact& fact, Instant at);
  void work();
  void take(const Tick&) {}
  void take(const Recalled& fact);
  void take(const ListRead& fact);
  void take(const JobRead& fact);
  void take(const FetchFailed& fact);
  void take(const PricesRead& fact);
  void take(const ProjectsRead& fact);
  void take(const UsageRead& fact);
  void take(const StopSent& fact);
  void take(const StopReplied& fact);
  void take(const ClockRead& fact);
  void take(const Command& fact);
  void take(const Reload& fact);
  void take(const Shutdown&) { closing = true; }
  bool settled() const {
    return listings.empty() && reloading.done() && pot_queue.empty() && queue.empty();
  }
  Instant next_wake() const;
  Instant utc(Instant line) const { return saturating_add(line, shift); }
  template <class T>
  void act(T act) {
    batch.acts.emplace_back(std::in_place_type<T>, std::move(act));
  }
  RequestId ask(const Asked& asked_for);
  Asked answered(RequestId request);
  Job* job_of(const Asked& asked_for);
  void enqueue(Job& job);
  void touch(Job& job);
  void touch_all(Account& account);
  void wake_at(Job& job, Instant at);

  // observe.cpp: what replies show of jobs.
  void take_listings();
  void take_slice(Account& account, Listing& listing);
  void finish_list(Account& account, const ListRead& list);
  void observe(Account& account, const JobRef& seen, Sight sight, RequestId list, bool direct);
  Job* adopt(Account& account, const JobRef& seen, Sight sight);
  void apply(Account& account, Job& job, const JobRef& seen, Sight sight);
  void see_alive(Account& account, Job& job, Phase before, bool first, bool reopened);
  void see_again(Account& account, Job& job);
  void see_end(Account& account, Job& job);
  void not_found(Account& account, Job& job);
  void lose(Account& account, Job& job);
  void look_for_missing(Account& account, const ListRead& list);
  void read_missing(Account& account, Job& job);
  /// Ends what is done for the job; it is remembered a while longer.
  void retire(Account& account, Job& job, Duration remembered);
  /// `to_another`: another account watches it from now on, with its bill.
  void forget(Account& account, Job& job, bool to_another = false);
  bool in_view(const Account& account, const JobSnapshot& job) const;
  bool is_of_earlier_account(const Account& account, const JobSnapshot& job);

  // remember.cpp: what the journal must hold of what has changed.
  std::string key_of(const Account& account, const Job& job) const;
  /// Lives as long as the account's projects are as they are.
  static const std::optional<std::string>& team_of(const Account& account,
                                                   const std::string& project_id);
  void mark(Job& job);
  void remember_changes();
  void remember(const Account& account, Job& job);
  template <class Archive>
  void members_of(Archive& archive, const Job& job) const;
  std::uint64_t digest_of_job(const Job& job) const;
  void remember_job(const Account& account, Job& job);
  void remember_sight(const Account& account, Job& job);
  void put_job(const Account& account, Job& job, Image::Change change);
  void remember_pair(const Account& account, const Job& job, Pair& pair);
  void remember_stop(const Account& account, const Job& job, Stop& stop);
  void remember_account(Account& account);
  void remember_breaker(Guard& of);
  void remember_list(Account& account, const ListRead& list, std::vector<std::string> except);
  void remember_price(const Account& account, const std::string& type,
                      const policy::PricePoint& price);
  void forget_pair(const Account& account, const Job& job, Pair& pair);
  void forget_stop(const Account& account, const Job& job, Stop& stop);
  void remember_pot(Pot& pot);
  void remember_bill(const Account& account, const Job& job);
  std::vector<std::string> names_of(const std::vector<std::uint16_t>& rules) const;

  // recall.cpp: the same back from the journal.
  bool recall(const Image& image);
  bool recall_account(Account& account, const Image& image);
  bool recall_polls(Account& account, const Image& image);
  bool recall_price(Account& account, const Image& image);
  bool recall_breaker(const Image& image);
  bool recall_job(Account& account, const Image& image);
  bool recall_pair(Account& account, const Image& image);
  bool recall_stop(Account& account, const Image& image);
  /// `only`: into the pots of these budgets; empty: of all.
  bool recall_bill(Account& account, const Image& image, const std::set<std::uint16_t>& only = {});
  bool recall_pot(const Image& image);
  void resume(Account& account, Job& job, std::unique_ptr<Stop> stop);
  Job* job_of_key(const Account& account, std::string_view key) const;
  std::optional<std::uint16_t> index_of_rule(std::string_view name) const;
  bool close(const Image& image);

  // match.cpp: which rules, budgets and exemptions apply to a job.
  policy::JobAttributes attributes(const Account& account, const Job& job) const;
  policy::JobAttributes attributes_of(const Account& account, const JobSnapshot& seen) const;
  static Truth applies(const policy::Rule& rule, const policy::JobAttributes& job);
  void match_rules(Account& account, Job& job);
  void match_exemptions(Job& job, const policy::JobAttributes& attributes);
  void tell_unsure(Account& account, Job& job, std::uint16_t rule);

  // rules.cpp: what each rule says of a job; times.cpp: what it reads of one.
  policy::JobTimes times(const Job& job) const;
  /// What a rule's condition is read with.
  policy::JobTimes facts_of(const Job& job, std::uint16_t rule, policy::JobTimes of_job) const;
  policy::Bill bill_of(const Job& job) const;
  void review(Job& job);
  void review_pair(Account& account, Job& job, Pair& pair, const policy::JobTimes& of_job);
  void trip(Account& account, Job& job, Pair& pair, const policy::JobTimes& times);
  void clear(Account& account, Job& job, Pair& pair);
  void warn(Account& account, Job& job, Pair& pair, const policy::JobTimes& times);
  void warn_of_birth(Account& account, Job& job, Pair& pair, const policy::JobTimes& times);
  void tell_consequence(Account& account, Job& job, Pair& pair, const policy::JobTimes& times);
  void tell_unknown_status(Account& account, Job& job);
  bool enforces(const policy::Rule& rule) const;
  std::string judgement_of(const policy::Rule& rule) const;
  std::string why_spared(const Job& job, const policy::Rule& rule) const;
  Standing standing(const policy::Rule& rule, const Job& job, Instant& changes) const;
  void index_due(Account& account, Job& job);
  const Pair* next_of(const Job& job) const;
  /// To be called when the pairs of a live job have changed.
  void sum_up_pairs(Job& job) const;

  // hands.cpp: what persons order.
  Answer obey(const Command& command, const Command::Exempt& what);
  Answer obey(const Command& command, const Command::Extend& what);
  Answer obey(const Command& command, const Command::StopJob& what);
  Answer obey(const Command& command, const Command::Pause& what);
  Answer obey(const Command& command, const Command::Resume& what);
  Answer obey(const Command& command, const Command::Revoke& what);
  Answer obey(const Command& command, const Command::Raise& what);
  Answer obey(const Command& command, const Command::ResetBreaker& what);
  Job* find_job(std::string_view key) const;
  std::optional<Answer> why_not(const Job* job, const std::optional<std::string>& rule);
  Answer next_due_of(Job& job, std::string message) const;

  // overrides.cpp: what persons have changed, until it ends.
  Override& make_override(const Command& command, Override::Kind kind, Duration lasts);
  void take_effect(const Override& made);
  void end_override(const std::string& id, const char* event, const std::string& user,
                    const std::string& reason);
  void tend_overrides();
  void plan_overrides();
  Event& tell_override(const char* name, const Override& made, std::string message);
  void remember(const Override& made);
  bool recall_override(const Image& image);
  int raises_of_all(const std::string& rule) const;
  void attach_overrides(const Account& account, Job& job);
  bool in_force(const Override& made) const { return utc(now) < made.until; }
  Duration extension_of(const Job& job, const policy::Rule& rule) const;
  void raise(Pot& pot);

  // freeze.cpp: windows in which nothing leaves.
  void watch_freezes();
  Frozen frozen_now(std::size_t freeze) const;
  Instant frozen_until(const Account& account, const Job& job, std::uint16_t rule) const;

  // reload.cpp: other rules while jobs and stops go on.
  void move_rules(const policy::Config& to);
  void forget_judgements(Account& account) const;
  void move_job(Account& account, Job& job, const std::vector<std::uint16_t>& moved);
  void move_pots(const std::vector<std::uint16_t>& moved);
  void move_guards(const policy::Config& to, const std::vector<std::uint16_t>& moved);
  void go_on_reloading();

  // budgets.cpp: pots, and what is left in them.
  void join_pots(const Account& account, Job& job, const policy::JobAttributes& attributes);
  std::vector<Pot*> pots_for(const policy::JobAttributes& attributes);
  void drop(Pot& pot);
  Pot& pot_of(std::uint16_t rule, const policy::Group& group);
  static Pot* pot_of(const Job& job, std::uint16_t rule);
  void enqueue(Pot& pot);
  void touch(Pot& pot);
  void touch_pots(Job& job);
  void touch_all_pots();
  /// `with_bill`: another account counts it.
  void leave_pots(Job& job, bool with_bill);
  void wake_at(Pot& pot, Instant at);
  void review_pots();
  void review(Pot& pot);
  void open_window(Pot& pot);
  void tally_up(Pot& pot);
  policy::Window on_line(const policy::Window& utc_window) const;
  bool stops(const Pot& pot) const;
  Money limit_of(const Pot& pot) const;
  Duration longest_allowance() const;
  void exhaust(Pot& pot);
  void warn(Pot& pot);
  void tell_overspent(Pot& pot);
  policy::JobTimes times(const Pot& pot) const;
  policy::PotView view_for(const Job& job, const Pot& pot, const policy::JobTimes& times) const;
  Event& tell_pot(const char* name, Level level, const Pot& pot, std::string message);

  // shed.cpp: single members that end before the limit.
  Instant shed_from(const Pot& pot) const;
  bool may_be_shed(const Pot& pot, const Job& job) const;
  Job* choose_to_shed(const Pot& pot) const;
  bool is_shed(const Pot& pot, const Job& job) const;
  bool shed(Pot& pot);

  // pipeline.cpp: the stop of one job, up to its first request.
  bool may_stop(const Pair& pair) const;
  bool has_tripped(const Job& job) const;  ///< of a job with a stop
  bool fresh(const Stop& stop) const;
  void open_stop(Account& account, Job& job);
  void close_stop_quietly(Account& account, Job& job);
  void avert(Account& account, Job& job, std::string_view reason);
  void advance_stop(Account& account, Job& job);
  void choose_rule(Job& job);
  void prepare(Account& account, Job& job);
  void note_surprise(const Job& job);
  void judge_due(Account& account, Job& job);
  bool may_extrapolate(const policy::Condition& when) const;
  void hold(Account& account, Job& job, Hold reason);
  void verified(Account& account, Job& job, Instant sent);
  void verify_failed(Job& job, const Failure& failure);
  void fetch_for_stops(Account& account);
  static std::size_t open_requests(const Account& account);
  std::size_t overdue(const Account& account) const;

  // dispatch.cpp: which of the stops that are due may leave.
  std::size_t live_jobs() const;
  Guard& guard_of(const Stop& stop);
  const Guard* open_guard(const Stop& stop);
  void admit(Guard& of);
  void tell_breaker(Guard& of, std::size_t together);
  bool is_counted(const Stop& stop);
  void dispatch();
  void dispatch(Account& account);

  // follow.cpp: the stop of one job, from its first request to its seen end.
  void send_stop(Account& account, Job& job);
  void tell_intent(Account& account, Job& job);
  void stop_failed(Account& account, Job& job, const Failure& failure);
  void follow(Account& account, Job& job);
  void tell_unconfirmed(Account& account, Job& job, const char* message);
  void close_stop(Account& account, Job& job);
  std::optional<Money> spent_for(const Job& job, const Cause& cause);
  void learn_stop(Account& account, Duration took);

  // polling.cpp: lists, projects and the state of an account; summary.cpp: how all is.
  void poll(Account& account);
  void poll_list(Account& account);
  void poll_projects(Account& account);
  /// Asks when it is time and nothing is under way; 0 when not.
  RequestId ask_again(Account& account, Recurring& call, Asked::For purpose, Duration every);
  void want_project(Account& account, const std::string& project_id);
  void fetch_list(Account& account, Recurring& how, Asked::For purpose, Priority priority,
                  bool filtered);
  Instant next_poll(const Account& account) const;
  void list_came(Account& account, const ListRead& list);
  void fetch_failed(Account& account, Call call, const Failure& failure);
  void poll_failed(Account& account, const Failure& failure, bool filtered);
  void list_for_stops_failed(Account& account, const FetchFailed& fact, const Asked& asked_for);
  void read_failed(Account& account, const Asked& asked_for, const FetchFailed& fact);
  void read_failed_for(Job& job, PendingRead& pending, const Failure& failure);
  void side_call_failed(Recurring& call);
  void watch_over(Account& account);
  void tell_skew();
  void summarize();
  /// The rule that would stop the job if it did not only observe; nullptr: none.
  const Pair* would_stop(const Job& job) const;
  bool is_read(const Account& account) const;
  Burn burn_of(const Account& account) const;

  // refusals.cpp: calls that a key is refused for.
  void refuse(Account& account, Call call, const Failure& failure);
  /// Since when it was refused, if that was told.
  static std::optional<Instant> end_refusal(Account& account, Call call);
  void allow(Account& account, Call call);
  static void lapse_refusals(Account& account);

  // prices.cpp: what an instance costs.
  void init_prices(Account& account);
  void poll_prices(Account& account);
  const policy::PriceHistory* find_prices(Account& account, const JobSnapshot& job);
  void take_price(Account& account, const std::string& type, Money per_minute);
  void tell_missing_prices(Account& account);
  void tell_missing_price(Account& account, const Job& job);
  void tell_vanished_prices(Account& account, const PricesRead& read);

  // usage.cpp: the invoice, and bills as it corrects them.
  void init_usage(Account& account);
  void poll_usage(Account& account);
  bool has_older_job(const Account& account) const;
  void usage_failed(Account& account, const Failure& failure);
  policy::Estimate estimate(const policy::Bill& bill) const;
  policy::Correction correction(AccountIndex account, const std::string& job_id,
                                const policy::Bill& bill, const policy::Window& on_line) const;
  void settle(Pot& pot);
  bool keeps_bills() const;
  std::map<std::string, policy::Bill> bills_of(const Account& account) const;
  std::size_t store(Account& account, const UsageRead& fact,
                    const std::map<std::string, policy::Bill>& bills);
  void narrow_begins(Account& account);
  void doubt(Account& account, const UsageRead& fact,
             const std::map<std::string, policy::Bill>& bills);
  void watch_drift(Account& account, const UsageRead& fact,
                   const std::map<std::string, policy::Bill>& bills);

  // keep_invoice.cpp: the invoice in the journal, and back.
  void remember_invoices(Account& account, Ledger::Day from, Ledger::Day until);
  void prune_invoices(Account& account);
  bool recall_invoice(Account& account, const Image& image);

  // tell.cpp: events. A reference is valid until the next event.
  Event& tell(const char* name, Level level, std::string message);
  Event& tell_job(const char* name, Level level, const Account& account, const Job& job,
                  std::string message);
  Event& tell_rule(const char* name, Level level, const Account& account, const Job& job,
                   const Pair& pair, std::string message);
  Event& tell_stop(const char* name, Level level, const Account& account, const Job& job,
                   std::string message);
  /// What the job has cost, and costs an hour, as far as that is known.
  void add_cost(Event& event, const policy::JobTimes& facts) const;
  void add_value(Event& event, const policy::Rule& rule, const policy::JobTimes& facts) const;
  void add_evidence(Event& event, const Job& job, const std::vector<const Pair*>& pairs,
                    const policy::JobTimes& of_job) const;
};

}  // namespace trainstop::core
