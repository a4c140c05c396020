using System.Text.Json;
using System.Text.Json.Serialization;
using Laurel.Engine.Audit;
using Laurel.Engine.Lanes;
using Laurel.Platform.Access;
using Laurel.Platform.Limits;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace Laurel.Platform.Audit;

/// <summary>One record of the audit.</summary>
/// <param name="Id">Never another's.</param>
/// <param name="RecordedAt">When it was stored.</param>
/// <param name="Content">What is recorded: <c>operation</c>, <c>operator</c>, and what else is known.</param>
public sealed record AuditItem(string Id, DateTimeOffset RecordedAt, JsonElement Content)
{
    /// <summary>A record as callers see it.</summary>
    public static AuditItem Of(AuditRecord record) => new(record.Id, record.RecordedAt.ToDateTimeOffset(), record.Content);
}

/// <summary>A page of the audit, newest first.</summary>
/// <param name="NextCursor">Give it back as <c>cursor</c> for the next page; null on the last. A page may be empty and have one.</param>
public sealed record AuditItems(IReadOnlyList<AuditItem> Items, string? NextCursor);

/// <summary>How answers are written: compiled, camelCase.</summary>
[JsonSourceGenerationOptions(JsonSerializerDefaults.Web)]
[JsonSerializable(typeof(AuditItems))]
[JsonSerializable(typeof(AuditItem))]
public sealed partial class AuditJson : JsonSerializerContext;

/// <summary>The doors of this capability.</summary>
public static class AuditModule
{
    /// <param name="key">What this installation seals its audit with.</param>
    public static void AddAudit(this IServiceCollection services, AuditKey key)
    {
        services.AddSingleton(key);
        services.AddSingleton<AuditStore>();
        services.AddSingleton<ReadRecorder>();
        services.AddSingleton(provider => new RefusedCalls(
            provider.GetRequiredService<LaneSet>(), provider.GetRequiredService<ClientAddresses>(), RefusedCalls.FlushEvery, provider.GetRequiredService<TimeProvider>(),
            provider.GetRequiredService<ILogger<RefusedCalls>>()));
        services.AddSingleton<AuditDoors>();
    }

    public static void MapAudit(this IEndpointRouteBuilder routes)
    {
        routes.MapGet("/api/audit", (HttpContext context, AuditDoors doors) => doors.ListAsync(context))
            .RequirePermission(Permission.AuditRead)
            .Produces<AuditItems>()
            .ProducesProblem(StatusCodes.Status422UnprocessableEntity)
            .WithSummary("Who did what, newest first.");
        routes.MapGet("/api/audit/export", (HttpContext context, AuditDoors doors) => doors.ExportAsync(context))
            .RequirePermission(Permission.AuditRead)
            .Produces(StatusCodes.Status200OK, contentType: AuditDoors.LinesType)
            .ProducesProblem(StatusCodes.Status422UnprocessableEntity)
            .WithSummary("All records of a time, oldest first, a JSON object a line.");
    }
}
