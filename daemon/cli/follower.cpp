#include "cli/follower.hpp"

#include <sys/stat.h>

#include <algorithm>
#include <utility>

namespace trainstop::cli {

using journal::Entry;
using journal::Outcome;
using journal::Query;

namespace {

bool same(const Entry& a, const Entry& b) {
  return a.seq == b.seq && a.event.at == b.event.at && a.event.name == b.event.name &&
         a.event.message == b.event.message;
}

}  // namespace

Follower::Follower(std::filesystem::path directory, Query query)
    : directory_(std::move(directory)), query_(std::move(query)) {}

Outcome<std::vector<Entry>> Follower::next() {
  if (is_still()) return std::vector<Entry>();
  auto found = read();
  if (!found) last_.reset();  // to be tried again, whether it changes or not
  return found;
}

Follower::Stamp::File Follower::look(const std::filesystem::path& file) {
  struct stat found = {};
  if (::stat(file.c_str(), &found) != 0) return {};
  return {found.st_ino, found.st_size, found.st_mtim.tv_sec, found.st_mtim.tv_nsec};
}

/// Whether nothing was written since the last reading. Times have a grain: what comes right after a
/// reading may leave no trace in them, so one more reading follows each change.
bool Follower::is_still() {
  const std::filesystem::path file = directory_ / journal::kFileName;
  Stamp now;
  now.files = {look(file), look(file.string() + "-wal")};
  const bool still = last_ == now && before_last_ == now;
  before_last_ = std::exchange(last_, now);
  return still;
}

Outcome<std::vector<Entry>> Follower::read() {
  // Opened anew each time: the file may be another one, or what is read a copy of it.
  auto reader = journal::open_reader(directory_);
  if (!reader) return reader.error();
  Query ahead;
  if (newest_) {
    ahead.after = newest_->seq - 1;
  } else {
    ahead.last = 1;
  }
  auto all = (*reader)->events(ahead);
  if (!all) return all.error();
  if (newest_) {
    if (!all->empty() && same(all->front(), *newest_)) {
      if (all->size() == 1) return std::vector<Entry>();
    } else {  // another journal
      query_.after = 0;
      all->clear();
    }
  }
  auto found = (*reader)->events(query_);
  if (!found) return found.error();
  newest_.reset();
  for (const std::vector<Entry>* entries : {&*all, &*found}) {
    if (!entries->empty() && (!newest_ || entries->back().seq > newest_->seq))
      newest_ = entries->back();
  }
  query_.after = newest_ ? newest_->seq : 0;
  query_.last.reset();
  return found;
}

}  // namespace trainstop::cli
