#include "cli/table.hpp"

#include <algorithm>

namespace trainstop::cli {

namespace {

constexpr std::size_t kGap = 2;

/// A column that is shown, and how wide.
struct Shown {
  std::size_t index, width;
};

std::size_t total(const std::vector<Shown>& shown) {
  std::size_t sum = shown.empty() ? 0 : kGap * (shown.size() - 1);
  for (const Shown& each : shown) sum += each.width;
  return sum;
}

/// Cuts the widest that may be cut, one column at a time; whether it fits then.
bool shrink(std::vector<Shown>& shown, const std::vector<Column>& columns, std::size_t available) {
  while (total(shown) > available) {
    Shown* widest = nullptr;
    for (Shown& each : shown) {
      const std::size_t least = columns[each.index].least;
      if (least == 0 || each.width <= least) continue;
      if (widest == nullptr || each.width > widest->width) widest = &each;
    }
    if (widest == nullptr) return false;
    --widest->width;
  }
  return true;
}

std::string pad(std::size_t columns) {
  return std::string(columns, ' ');
}

}  // namespace

std::string Table::render(const Screen& screen) const {
  std::vector<Shown> natural;
  for (std::size_t i = 0; i < columns_.size(); ++i) {
    std::size_t width = 0;
    for (const auto& row : rows_) width = std::max(width, width_of(row[i].text));
    if (width != 0) natural.push_back({i, std::max(width, width_of(columns_[i].title))});
  }
  std::vector<Shown> shown = natural;
  while (!shrink(shown, columns_, screen.columns)) {
    const auto least_needed = std::ranges::max_element(
        natural, {}, [&](const Shown& each) { return columns_[each.index].drop; });
    if (columns_[least_needed->index].drop == 0) break;
    natural.erase(least_needed);
    shown = natural;
  }
  const auto line = [&](const auto& cell_of) {
    std::string text;
    for (std::size_t i = 0; i < shown.size(); ++i) {
      const Cell& cell = cell_of(shown[i].index);
      const std::string words = cut(cell.text, shown[i].width);
      const std::string space = pad(shown[i].width - std::min(shown[i].width, width_of(words)));
      const bool right = columns_[shown[i].index].right;
      if (i != 0) text += pad(kGap);
      if (right) text += space;
      text += screen.in(cell.ink, words);
      if (!right && i + 1 < shown.size()) text += space;
    }
    text.erase(text.find_last_not_of(' ') + 1);
    return text + '\n';
  };
  std::string text =
      line([&](std::size_t index) { return Cell(columns_[index].title, Ink::bold); });
  for (const auto& row : rows_) text += line([&](std::size_t index) { return row[index]; });
  return text;
}

}  // namespace trainstop::cli
