using System.Globalization;
using System.Text;
using Microsoft.AspNetCore.Http;

namespace Laurel.Membership.Exports;

/// <summary>A CSV file as an answer (RFC 4180): UTF-8 with a byte order mark, by which spreadsheets know it, CRLF, one header line.</summary>
internal sealed class CsvAnswer : IAsyncDisposable
{
    private readonly StreamWriter _writer;
    private readonly StringBuilder _row = new();

    private CsvAnswer(HttpContext context) => _writer = new StreamWriter(context.Response.Body, new UTF8Encoding(encoderShouldEmitUTF8Identifier: true), leaveOpen: true);

    /// <summary>Begins the answer: from here on it can only be cut off.</summary>
    /// <param name="file">The name that it is saved under.</param>
    /// <param name="header">The names of the columns, with commas between.</param>
    public static async Task<CsvAnswer> BeginAsync(HttpContext context, string file, string header)
    {
        context.Response.ContentType = "text/csv; charset=utf-8";
        context.Response.Headers.ContentDisposition = $"attachment; filename=\"{file}\"";
        context.Response.Headers.XContentTypeOptions = "nosniff";
        context.Response.Headers.CacheControl = "no-store";
        var answer = new CsvAnswer(context);
        await answer._writer.WriteAsync(header + "\r\n");
        return answer;
    }

    public CsvAnswer Text(string? text) => Field(text is null ? "" : CsvField.OfText(text));

    public CsvAnswer Number(long number) => Field(number.ToString(CultureInfo.InvariantCulture));

    public CsvAnswer Time(DateTimeOffset? time) => Field(time?.ToString("yyyy-MM-dd'T'HH:mm:ss.FFFFFFzzz", CultureInfo.InvariantCulture) ?? "");

    public Task EndRowAsync(CancellationToken cancellationToken)
    {
        _row.Length--;
        _row.Append("\r\n");
        var row = _row.ToString();
        _row.Clear();
        return _writer.WriteAsync(row.AsMemory(), cancellationToken);
    }

    public ValueTask DisposeAsync() => _writer.DisposeAsync();

    private CsvAnswer Field(string text)
    {
        _row.Append(text).Append(',');
        return this;
    }
}
