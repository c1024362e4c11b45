#if canImport(SwiftUI)
import Counterpart
import ShopModel
import SwiftUI

/// A record's mark: a shape for each state, with words for who does not see it, and a dot for what is unread.
struct MarkIcon: View {
    let mark: Mark
    @Environment(\.words) private var words

    var body: some View {
        HStack(spacing: 6) {
            if mark.unread {
                Image(systemName: "circle.fill").imageScale(.small).foregroundStyle(Shade(\.primary))
            }
            Image(systemName: mark.symbol).foregroundStyle(mark.colour)
        }
        .accessibilityElement(children: .ignore)
        .accessibilityLabel(words.of(mark))
    }
}

/// A word on a ground of its own.
struct Tag: View {
    let text: String
    var ground = Ground.plain

    var body: some View {
        Text(text)
            .font(.caption)
            .padding(.horizontal, 8)
            .padding(.vertical, 3)
            .foregroundStyle(ground.ink)
            .background(ground.colour, in: RoundedRectangle(cornerRadius: 6))
    }
}

/// A ticket's status, and its priority where that is worth saying.
struct Tags: View {
    let status: TicketStatus
    let priority: Priority
    @Environment(\.words) private var words

    var body: some View {
        Tag(text: words.of(status), ground: status.ground)
        switch priority {
        case .urgent, .high: Tag(text: words.of(priority), ground: .error)
        case .low, .other: Tag(text: words.of(priority))
        case .normal: EmptyView()
        }
    }
}

/// That the line to the server is down, and that work goes on.
struct LineBanner: View {
    let line: SyncState?
    @Environment(\.words) private var words

    var body: some View {
        if let line, !line.online || !line.reachable {
            Label(line.online ? words.lineUnreachable : words.lineOffline, systemImage: "icloud.slash")
                .font(.footnote)
                .frame(maxWidth: .infinity, alignment: .leading)
                .padding(.horizontal)
                .padding(.vertical, 8)
                .background(.bar)
                .accessibilityAddTraits(.updatesFrequently)
        }
    }
}

/// What went wrong, until somebody has read it.
struct ProblemBar: View {
    let problem: Problem?
    let dismiss: @MainActor () -> Void
    @Environment(\.words) private var words

    var body: some View {
        if let problem {
            HStack {
                Label(words.of(problem), systemImage: "exclamationmark.triangle")
                    .frame(maxWidth: .infinity, alignment: .leading)
                Button(action: dismiss) { Image(systemName: "xmark").foregroundStyle(Ground.error.ink) }
                    .accessibilityLabel(words.actionClose)
            }
            .padding()
            .foregroundStyle(Ground.error.ink)
            .background(Ground.error.colour, in: RoundedRectangle(cornerRadius: 12))
            .padding(.horizontal)
        }
    }
}

/// A field to type in, with its name, which stays to be read when something is typed.
struct Field: View {
    let label: String
    let text: String
    var lines = 1
    var wrong = false
    let typed: @MainActor (String) -> Void

    var body: some View {
        VStack(alignment: .leading, spacing: 2) {
            Text(label).font(.caption).foregroundStyle(wrong ? Shade.error : Shade.faint).accessibilityHidden(true)
            TextField(label, text: Binding(text, typed), axis: lines > 1 ? .vertical : .horizontal)
                .lineLimit(lines...max(lines, 8))
        }
    }
}

/// The fields of a form. Each shows one part, and hands on the form with that part written anew.
struct Fields<Form: Written> {
    let form: Form
    /// The engine's name of the field that was not accepted.
    var wrong: String?
    let fill: @MainActor (Form) -> Void

    @MainActor
    func callAsFunction(
        _ label: String,
        _ part: WritableKeyPath<Form, String> & Sendable,
        lines: Int = 1,
        field: String? = nil
    ) -> Field {
        Field(label: label, text: form[keyPath: part], lines: lines, wrong: field != nil && field == wrong) { text in
            fill(form.with(part, text))
        }
    }
}

/// A list that shows nothing, and why.
struct Nothing: View {
    let loading: String?
    /// What was searched for.
    var searched = ""
    let says: String
    let symbol: String
    @Environment(\.words) private var words

    var body: some View {
        if let loading {
            ProgressView(loading)
        } else if searched.isEmpty {
            ContentUnavailableView(says, systemImage: symbol)
        } else {
            ContentUnavailableView(words.boardNothingFound(searched), systemImage: "magnifyingglass")
        }
    }
}

/// The last word before something that cannot be taken back.
struct Sure: View {
    let asks: String
    let act: String
    let sure: @MainActor () -> Void
    let stay: @MainActor () -> Void
    @Environment(\.words) private var words

    var body: some View {
        Text(asks).bold()
        Button(act, role: .destructive, action: sure)
        Button(words.actionCancel, action: stay)
    }
}

/// A record's name in large letters, with its mark.
struct EntryName: View {
    let name: String
    let mark: Mark

    var body: some View {
        HStack {
            Text(name).font(.headline).fontWeight(mark.unread ? .bold : .medium)
            Spacer()
            MarkIcon(mark: mark)
        }
    }
}

/// Small words above or below others.
struct Faint: View {
    let text: String

    var body: some View {
        Text(text).font(.footnote).foregroundStyle(.faint)
    }
}
#endif
