// The invoice in the journal: one image for each account and day, kept as long as a window may need
// it, and back.
#include <algorithm>

#include "core/machine.hpp"
#include "core/memory.hpp"

namespace trainstop::core {

namespace {

/// What an image holds: one row for each job.
struct Rows {
  std::vector<std::string> jobs, doubted;
  std::vector<std::int64_t> minutes;
  std::vector<Money> billed;
  std::vector<Instant> read;

  template <class Archive, class Self>
  static void members(Archive& archive, Self& rows) {
    archive("jobs", rows.jobs);
    archive("minutes", rows.minutes);
    archive("billed", rows.billed);
    archive("read", rows.read);
    archive("doubted", rows.doubted);
  }

  bool are_right() const {
    const auto is_count = [](std::int64_t m) { return m >= 0 && m <= policy::kMostMinutes; };
    return minutes.size() == jobs.size() && billed.size() == jobs.size() &&
           read.size() == jobs.size() && std::all_of(minutes.begin(), minutes.end(), is_count);
  }
};

}  // namespace

void Core::Impl::remember_invoices(Account& account, Ledger::Day from, Ledger::Day until) {
  Ledger& ledger = account.ledger;
  std::map<Ledger::Day, Rows> days;
  for (const auto& [job, invoice] : ledger.invoices) {
    for (auto each = invoice.lower_bound(from); each != invoice.end() && each->first < until;
         ++each) {
      Rows& rows = days[each->first];
      rows.jobs.push_back(job);
      rows.minutes.push_back(each->second.minutes);
      rows.billed.push_back(each->second.billed);
      rows.read.push_back(each->second.read);
    }
  }
  for (const auto& [day, job] : ledger.doubted) {
    if (from <= day && day < until) days[day].doubted.push_back(job);
  }
  for (const auto& [day, rows] : days) {
    MemberDigest digest;
    Rows::members(digest, rows);
    if (std::exchange(ledger.remembered[day], digest.value()) == digest.value()) continue;
    Value::Object body;
    MemberWriter writer(body);
    Rows::members(writer, rows);
    batch.images.push_back({Image::Kind::invoice, Image::Change::amend,
                            config.accounts[account.index].name + "/" + date_of(day),
                            std::move(body)});
  }
}

/// What no window needs any more.
void Core::Impl::prune_invoices(Account& account) {
  Ledger& ledger = account.ledger;
  if (keeps_bills()) return;
  const Ledger::Day kept = std::chrono::floor<std::chrono::days>(utc(now)) - kInvoicesKept;
  while (!ledger.remembered.empty() && ledger.remembered.begin()->first < kept) {
    const Ledger::Day day = ledger.remembered.begin()->first;
    const std::string key = config.accounts[account.index].name + "/" + date_of(day);
    batch.images.push_back({Image::Kind::invoice, Image::Change::close, key, {}});
    ledger.remembered.erase(day);
    for (auto& [job, invoice] : ledger.invoices) invoice.erase(day);
    std::erase_if(ledger.invoices, [](const auto& each) { return each.second.empty(); });
    std::erase_if(ledger.doubted, [&](const auto& each) { return each.first == day; });
  }
}

bool Core::Impl::recall_invoice(Account& account, const Image& image) {
  Rows rows;
  MemberReader reader(image.body);
  Rows::members(reader, rows);
  const auto at = parse_rfc3339(image.key.substr(image.key.rfind('/') + 1) + "T00:00:00Z");
  if (reader.failed() || !at || !rows.are_right()) return false;
  const auto day = std::chrono::floor<std::chrono::days>(*at);
  for (std::size_t i = 0; i < rows.jobs.size(); ++i)
    account.ledger.invoices[rows.jobs[i]][day] = {rows.minutes[i], rows.billed[i], rows.read[i]};
  for (const std::string& job : rows.doubted) account.ledger.doubted.emplace(day, job);
  account.ledger.remembered[day] = 1;  // it is written again when the day is read again
  return true;
}

}  // namespace trainstop::core
