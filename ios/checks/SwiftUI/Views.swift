// Views as SwiftUI declares them, with nothing behind the declarations.
@_exported import Foundation
@_exported import Observation

@MainActor @preconcurrency
public protocol View {
    associatedtype Body: View
    @ViewBuilder @MainActor @preconcurrency var body: Body { get }
}

extension Never: View {
    public var body: Never { fatalError() }
}

@MainActor @preconcurrency
public protocol Primitive: View where Body == Never {}

extension Primitive {
    public var body: Never { fatalError() }
}

extension Optional: View where Wrapped: View {
    public var body: Never { fatalError() }
}

public struct EmptyView: Primitive {
    nonisolated public init() {}
}

public struct AnyView: Primitive {
    nonisolated public init<Content: View>(_ view: Content) {}
}

public struct TupleView<Content>: Primitive {}

public struct ConditionalContent<True: View, False: View>: Primitive {}

public struct ModifiedContent: Primitive {}

@resultBuilder
public struct ViewBuilder {
    public static func buildExpression<Content: View>(_ content: Content) -> Content { content }
    public static func buildBlock() -> EmptyView { EmptyView() }
    public static func buildBlock<Content: View>(_ content: Content) -> Content { content }
    @_disfavoredOverload
    public static func buildBlock<each Content: View>(_ content: repeat each Content) -> TupleView<(repeat each Content)> {
        fatalError()
    }
    public static func buildIf<Content: View>(_ content: Content?) -> Content? { content }
    public static func buildEither<True: View, False: View>(first: True) -> ConditionalContent<True, False> { fatalError() }
    public static func buildEither<True: View, False: View>(second: False) -> ConditionalContent<True, False> {
        fatalError()
    }
}

/// What is written into the source is a key of a catalogue there, and the screens have their words from elsewhere: this
/// second kind makes a written text ambiguous, and the check refuses it.
public struct LocalizedStringKey: ExpressibleByStringInterpolation, Sendable {
    public init(stringLiteral value: String) {}
}

public struct WrittenIntoTheSource: ExpressibleByStringInterpolation, Sendable {
    public init(stringLiteral value: String) {}
}

public struct Text: Primitive, Sendable {
    nonisolated public init(verbatim content: String) {}
    @_disfavoredOverload
    nonisolated public init<Content: StringProtocol>(_ content: Content) {}
    nonisolated public init(_ key: LocalizedStringKey) {}
    nonisolated public init(_ words: WrittenIntoTheSource) {}
}

public struct Image: Primitive {
    nonisolated public init(systemName: String) {}
    nonisolated public func imageScale(_ scale: Scale) -> some View { EmptyView() }
    public enum Scale: Sendable { case small, medium, large }
}

public struct Label<Title: View, Icon: View>: Primitive {
    nonisolated public init<Content: StringProtocol>(_ title: Content, systemImage name: String)
    where Title == Text, Icon == Image {}
}

public struct Button<Content: View>: Primitive {
    nonisolated public init(action: @escaping @MainActor () -> Void, @ViewBuilder label: () -> Content) {}
    nonisolated public init<Title: StringProtocol>(_ title: Title, action: @escaping @MainActor () -> Void)
    where Content == Text {}
    nonisolated public init<Title: StringProtocol>(
        _ title: Title,
        role: ButtonRole?,
        action: @escaping @MainActor () -> Void
    ) where Content == Text {}
}

extension Button where Content == Label<Text, Image> {
    nonisolated public init<Title: StringProtocol>(
        _ title: Title,
        systemImage name: String,
        action: @escaping @MainActor () -> Void
    ) {}
}

public struct ShareLink<Content: View>: Primitive {
    nonisolated public init(item: URL) where Content == Label<Text, Image> {}
}

public struct ButtonRole: Sendable {
    public static let destructive = ButtonRole()
    public static let cancel = ButtonRole()
}

public struct Toggle<Content: View>: Primitive {
    nonisolated public init<Title: StringProtocol>(_ title: Title, isOn: Binding<Bool>) where Content == Text {}
}

public struct TextField<Content: View>: Primitive {
    nonisolated public init<Title: StringProtocol>(_ title: Title, text: Binding<String>, axis: Axis = .horizontal)
    where Content == Text {}
}

public struct SecureField<Content: View>: Primitive {
    nonisolated public init<Title: StringProtocol>(_ title: Title, text: Binding<String>) where Content == Text {}
}

public struct Picker<Content: View, Selected: Hashable, Choices: View>: Primitive {
    nonisolated public init<Title: StringProtocol>(
        _ title: Title,
        selection: Binding<Selected>,
        @ViewBuilder content: () -> Choices
    ) where Content == Text {}
}

public struct DatePicker<Content: View>: Primitive {
    nonisolated public init<Title: StringProtocol>(_ title: Title, selection: Binding<Date>) where Content == Text {}
}

public struct Menu<Title: View, Content: View>: Primitive {
    nonisolated public init(@ViewBuilder content: () -> Content, @ViewBuilder label: () -> Title) {}
    nonisolated public init<Words: StringProtocol>(_ title: Words, @ViewBuilder content: () -> Content)
    where Title == Text {}
}

public struct ProgressView<Title: View>: Primitive {
    nonisolated public init() where Title == EmptyView {}
    nonisolated public init<Words: StringProtocol>(_ title: Words) where Title == Text {}
    nonisolated public init<Value: BinaryFloatingPoint>(value: Value?, total: Value = 1) where Title == EmptyView {}
}

public struct LabeledContent<Title: View, Content: View>: Primitive {
    nonisolated public init<Words: StringProtocol, Value: StringProtocol>(_ title: Words, value: Value)
    where Title == Text, Content == Text {}
}

public struct ContentUnavailableView<Title: View>: Primitive {
    nonisolated public init<Words: StringProtocol>(_ title: Words, systemImage name: String, description: Text? = nil)
    where Title == Text {}
}

public struct Group<Content: View>: Primitive {
    nonisolated public init(@ViewBuilder content: () -> Content) {}
}

public struct HStack<Content: View>: Primitive {
    nonisolated public init(alignment: VerticalAlignment = .center, spacing: CGFloat? = nil, @ViewBuilder content: () -> Content) {}
}

public struct VStack<Content: View>: Primitive {
    nonisolated public init(alignment: HorizontalAlignment = .center, spacing: CGFloat? = nil, @ViewBuilder content: () -> Content) {}
}

public struct Spacer: Primitive {
    nonisolated public init() {}
}

public struct ViewThatFits<Content: View>: Primitive {
    nonisolated public init(in axes: Axis.Set = [.horizontal, .vertical], @ViewBuilder content: () -> Content) {}
}

public struct Form<Content: View>: Primitive {
    nonisolated public init(@ViewBuilder content: () -> Content) {}
}

public struct Section<Parent: View, Content: View, Footer: View>: Primitive {
    nonisolated public init(@ViewBuilder content: () -> Content) where Parent == EmptyView, Footer == EmptyView {}
    nonisolated public init(@ViewBuilder content: () -> Content, @ViewBuilder footer: () -> Footer)
    where Parent == EmptyView {}
    nonisolated public init<Title: StringProtocol>(_ title: Title, @ViewBuilder content: () -> Content)
    where Parent == Text, Footer == EmptyView {}
}

public struct List<Selected, Content: View>: Primitive {
    nonisolated public init(@ViewBuilder content: () -> Content) where Selected == Never {}
}

extension List where Selected: Hashable {
    nonisolated public init(selection: Binding<Selected?>?, @ViewBuilder content: () -> Content) {}
}

public struct ForEach<Items: RandomAccessCollection, Id: Hashable, Content: View>: Primitive {
    nonisolated public init(_ items: Items, id: KeyPath<Items.Element, Id>, @ViewBuilder content: @escaping (Items.Element) -> Content) {}
}

extension ForEach where Items.Element: Identifiable, Id == Items.Element.ID {
    nonisolated public init(_ items: Items, @ViewBuilder content: @escaping (Items.Element) -> Content) {}
}

public struct TabView<Selected: Hashable, Content: View>: Primitive {
    nonisolated public init(selection: Binding<Selected>?, @ViewBuilder content: () -> Content) {}
}

public struct NavigationStack<Content: View>: Primitive {
    nonisolated public init(@ViewBuilder root: () -> Content) {}
}

public struct NavigationSplitViewColumn: Hashable, Sendable {
    public static var sidebar: NavigationSplitViewColumn { NavigationSplitViewColumn() }
    public static var content: NavigationSplitViewColumn { NavigationSplitViewColumn() }
    public static var detail: NavigationSplitViewColumn { NavigationSplitViewColumn() }
}

public struct NavigationSplitView<Sidebar: View, Detail: View>: Primitive {
    nonisolated public init(
        preferredCompactColumn: Binding<NavigationSplitViewColumn>,
        @ViewBuilder sidebar: () -> Sidebar,
        @ViewBuilder detail: () -> Detail
    ) {}
    nonisolated public init(@ViewBuilder sidebar: () -> Sidebar, @ViewBuilder detail: () -> Detail) {}
}

@MainActor @preconcurrency
public protocol ToolbarContent {}

public struct ToolbarItem<Content: View>: ToolbarContent {
    nonisolated public init(placement: ToolbarItemPlacement = .automatic, @ViewBuilder content: () -> Content) {}
}

public struct ToolbarItemPlacement: Sendable {
    public static let automatic = ToolbarItemPlacement()
    public static let navigation = ToolbarItemPlacement()
    public static let primaryAction = ToolbarItemPlacement()
}

@resultBuilder
public struct ToolbarContentBuilder {
    public static func buildExpression<Content: ToolbarContent>(_ content: Content) -> Content { content }
    public static func buildBlock<Content: ToolbarContent>(_ content: Content) -> Content { content }
}
