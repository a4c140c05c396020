using System.Collections.Immutable;
using System.Diagnostics;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace Laurel.GraphQL.Language;

/// <summary>Reads documents, values and types (the appendix Grammar Summary).</summary>
/// <remarks>Descends through the grammar; how deep is bounded by <see cref="ParseLimits.DepthMax"/>. No exception is thrown for what
/// strangers write: after the first fault the lexer is at the end of the file, so every list ends and every rule returns, and what they
/// return, even <c>null</c> where the grammar promises a node, is thrown away at the door.</remarks>
public sealed partial class Parser
{
    private readonly Source source;
    private readonly ParseLimits limits;

    // Nodes of the lists that are being read, inner lists behind outer ones. A struct around each spares the check that every write to an
    // array of classes makes, and arrays are the most of what is written here.
    private Listed[] listed = new Listed[32];
    private int listedCount;

    private Lexer lexer;
    private int depth;

    private Parser(Source source, ParseLimits limits)
    {
        this.source = source;
        this.limits = limits;
        lexer = new(source, limits.TokensMax);
        lexer.Advance();
    }

    /// <summary>Section 2.3, Document: executable definitions, a schema, or both.</summary>
    public static ParseResult<DocumentNode> Parse(Source source, ParseLimits limits) => Read(source, limits, static parser => parser.ParseDocument());

    /// <summary>Section 2.10, Input Values: one value and nothing else; variables are allowed.</summary>
    public static ParseResult<ValueNode> ParseValue(Source source, ParseLimits limits) =>
        Read(source, limits, static parser => parser.ParseValue(isConst: false));

    /// <summary>Section 2.10, Input Values: one value without variables and nothing else.</summary>
    public static ParseResult<ValueNode> ParseConstValue(Source source, ParseLimits limits) =>
        Read(source, limits, static parser => parser.ParseValue(isConst: true));

    /// <summary>Section 2.12, Type References: one type and nothing else.</summary>
    public static ParseResult<TypeNode> ParseType(Source source, ParseLimits limits) =>
        Read(source, limits, static parser => parser.ParseTypeReference());

    private static ParseResult<T> Read<T>(Source source, ParseLimits limits, Func<Parser, T> rule)
        where T : Node
    {
        var parser = new Parser(source, limits);
        var node = rule(parser);
        parser.Expect(TokenKind.EndOfFile);
        return ParseResult<T>.Of(node, parser.lexer.Error);
    }

    private bool Failed => lexer.Error is not null;

    private DocumentNode ParseDocument()
    {
        var mark = listedCount;
        do
        {
            Push(ParseDefinition());
        }
        while (lexer.Kind != TokenKind.EndOfFile);

        return new() { Location = new(source, 0, lexer.End), Definitions = Pop<DefinitionNode>(mark) };
    }

    private NameNode ParseName()
    {
        var start = lexer.Start;
        if (lexer.Kind != TokenKind.Name)
        {
            Refuse(TokenKinds.Describe(TokenKind.Name));
            return null!;
        }

        var value = lexer.Value;
        lexer.Advance();
        return new() { Location = Since(start), Value = value };
    }

    private Location Since(int start) => new(source, start, lexer.PreviousEnd);

    private bool At(TokenKind kind) => lexer.Kind == kind;

    private bool AtKeyword(string keyword) => lexer.Kind == TokenKind.Name && lexer.Written.SequenceEqual(keyword);

    private bool Skip(TokenKind kind)
    {
        if (lexer.Kind != kind)
        {
            return false;
        }

        lexer.Advance();
        return true;
    }

    private bool SkipKeyword(string keyword)
    {
        if (!AtKeyword(keyword))
        {
            return false;
        }

        lexer.Advance();
        return true;
    }

    private void Expect(TokenKind kind)
    {
        if (!Skip(kind))
        {
            Refuse(TokenKinds.Describe(kind));
        }
    }

    private void ExpectKeyword(string keyword)
    {
        if (!SkipKeyword(keyword))
        {
            Refuse($"\"{keyword}\"");
        }
    }

    private void Refuse(string expected) => FailAt(lexer.Start, $"Expected {expected}, found {DescribeToken()}.");

    /// <summary>Refuses a token of the right kind for what it says: the next is read before, and its own fault comes first.</summary>
    private void RefuseAfterReading()
    {
        var offset = lexer.Start;
        var token = DescribeToken();
        lexer.Advance();
        FailAt(offset, $"Unexpected {token}.");
    }

    private void RefuseToken() => FailAt(lexer.Start, $"Unexpected {DescribeToken()}.");

    private void FailAt(int offset, string message)
    {
        // The fault of the lexer comes first: the token it left is only its way to stop us.
        if (!Failed)
        {
            lexer.Fail(SyntaxErrorKind.Unreadable, offset, message);
        }
    }

    private string DescribeToken() => lexer.Kind >= TokenKind.Name && !Failed
        ? $"{TokenKinds.Describe(lexer.Kind)} \"{lexer.Value}\""
        : TokenKinds.Describe(lexer.Kind);

    /// <summary>Enters one level of nesting; <c>false</c> ends the reading, and then <see cref="Leave"/> is not called.</summary>
    private bool Enter()
    {
        if (depth < limits.DepthMax)
        {
            depth++;
            return true;
        }

        if (!Failed)
        {
            lexer.Fail(SyntaxErrorKind.TooDeep, lexer.Start, $"Document is nested deeper than {limits.DepthMax} levels. Parsing aborted.");
        }

        return false;
    }

    private void Leave() => depth--;

    /// <summary>One or more between two signs.</summary>
    private ImmutableArray<T> Many<T>(TokenKind open, Func<Parser, T> rule, TokenKind close)
        where T : Node
    {
        Expect(open);
        var mark = listedCount;
        do
        {
            Push(rule(this));
        }
        while (!Failed && !Skip(close));
        return Pop<T>(mark);
    }

    /// <summary>Nothing at all, or one or more between two signs.</summary>
    private ImmutableArray<T> OptionalMany<T>(TokenKind open, Func<Parser, T> rule, TokenKind close)
        where T : Node => At(open) ? Many(open, rule, close) : [];

    /// <summary>None or more between two signs.</summary>
    private ImmutableArray<T> Any<T>(TokenKind open, Func<Parser, T> rule, TokenKind close)
        where T : Node
    {
        Expect(open);
        var mark = listedCount;
        while (!Failed && !Skip(close))
        {
            Push(rule(this));
        }

        return Pop<T>(mark);
    }

    /// <summary>One or more with a sign between them, which may stand before the first as well.</summary>
    private ImmutableArray<T> Delimited<T>(TokenKind delimiter, Func<Parser, T> rule)
        where T : Node
    {
        Skip(delimiter);
        var mark = listedCount;
        do
        {
            Push(rule(this));
        }
        while (Skip(delimiter));
        return Pop<T>(mark);
    }

    private void Push(Node node)
    {
        if (listedCount == listed.Length)
        {
            Array.Resize(ref listed, listed.Length * 2);
        }

        listed[listedCount++] = new(node);
    }

    private ImmutableArray<T> Pop<T>(int mark)
        where T : Node
    {
        var nodes = new T[listedCount - mark];
        Debug.Assert(listed.AsSpan(mark, nodes.Length).ToArray().All(entry => entry.Node is null or T), "Lists are read one inside the other.");

        // Each rule has pushed what it returned, so the nodes are of this class: they are moved as they lie, without a look at each.
        var target = MemoryMarshal.CreateSpan(ref Unsafe.As<T, Listed>(ref MemoryMarshal.GetArrayDataReference(nodes)), nodes.Length);
        listed.AsSpan(mark, nodes.Length).CopyTo(target);
        listedCount = mark;
        return ImmutableCollectionsMarshal.AsImmutableArray(nodes);
    }

    private readonly record struct Listed(Node Node);
}
