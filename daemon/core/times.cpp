// What conditions read of a job: its phases and its bill, with what one rule has added to them.
#include "core/machine.hpp"
#include "model/planted.hpp"

namespace trainstop::core {

policy::JobTimes Core::Impl::times(const Job& job) const {
  policy::JobTimes times;
  times.phase = job.life.phase();
  times.status = job.life.status();
  times.status_unknown = job.life.status_unknown();
  times.created_at = job.snapshot->created_at;
  times.phase_since = job.life.phase_since().latest;
  times.status_since = job.life.status_since().latest;
  times.ran_before = job.life.ran_before();
  times.utc_shift = shift;
  times.bill = bill_of(job);
  return times;
}

policy::JobTimes Core::Impl::facts_of(const Job& job, std::uint16_t rule,
                                      policy::JobTimes of_job) const {
  if (const Pot* const pot = pot_of(job, rule)) of_job.pot = pot->view();
  of_job.extension = extension_of(job, config.rules[rule]);
  return of_job;
}

policy::Bill Core::Impl::bill_of(const Job& job) const {
  policy::Bill bill;
  bill.known = job.life.known();
  if (const auto& billed = job.life.billed_since()) {
    bill.earliest = billed->earliest;
    bill.latest = billed->latest;
    bill.estimated = billed->latest - billed->earliest > 2 * config.poll.interval &&
                     !planted("estimate-believed");
  }
  if (job.life.ended()) bill.end = job.life.phase_since().latest;
  if (job.lost) bill.end = job.life.last_sent();
  bill.nodes = planted("nodes-forgotten") ? 1 : job.snapshot->node_count.value_or(1);
  bill.prices = job.prices;
  return bill;
}

}  // namespace trainstop::core
