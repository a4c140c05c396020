namespace Laurel.Platform.Errors;

/// <content>What is refused of GraphQL alone. Its errors say in words of the specification, in English, what is wrong with a document.</content>
public static partial class ErrorCatalog
{
    private static ErrorKind[] OfGraphQL =>
    [
        new(
            ErrorCode.DocumentUnreadable,
            400,
            "The document cannot be read",
            "GraphQL 文档无法解析",
            "The document is not GraphQL; the error says where.",
            "该文档不是合法的 GraphQL，错误信息指明位置。"),
        new(
            ErrorCode.DocumentInvalid,
            400,
            "The document does not fit the schema",
            "GraphQL 文档与模式不符",
            "The document asks for what the schema does not have, or has no such operation; the errors say where.",
            "文档请求了模式中不存在的内容，或没有所指的操作；错误信息指明位置。"),
        new(
            ErrorCode.VariablesInvalid,
            400,
            "The variables do not fit the operation",
            "变量与操作不符",
            "A variable is missing or of another type; the errors say which.",
            "缺少变量或变量类型不符；错误信息指明是哪一个。"),
        new(
            ErrorCode.DocumentTooLarge,
            400,
            "The operation passes a limit",
            "操作超出限制",
            "The document, its depth, its aliases or its cost pass a limit, which the error names.",
            "文档大小、深度、别名数量或开销超出限制，错误信息指明是哪一项。"),
        new(
            ErrorCode.PersistedQueryNotFound,
            400,
            "No document is kept under this hash",
            "没有以此哈希保存的文档",
            "Send the text with the hash once; from then on the hash is enough.",
            "请将文本与哈希一并发送一次，此后仅需哈希。"),
        new(
            ErrorCode.PersistedQueryNotSupported,
            400,
            "Documents are not kept by their hash here",
            "此处不支持按哈希保存文档",
            "Send the text of the document.",
            "请发送文档文本。"),
        new(
            ErrorCode.StreamRequired,
            406,
            "A subscription is answered as a stream",
            "订阅需以流的形式返回",
            "Accept text/event-stream, or subscribe over a WebSocket that speaks graphql-transport-ws; in a batch there are no subscriptions.",
            "请接受 text/event-stream，或通过 graphql-transport-ws 协议的 WebSocket 订阅；批量请求中不能包含订阅。"),
        new(
            ErrorCode.StreamLimit,
            429,
            "There are too many open streams",
            "打开的流过多",
            "At most {max} may be open for {of}; close one, or try again later.",
            "{of} 最多同时打开 {max} 个；请先关闭一个，或稍后重试。")
        {
            Values = [new("max"), new("of")],
            RetryAfterSeconds = 10,
        },
    ];
}
