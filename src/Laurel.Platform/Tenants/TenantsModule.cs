using Laurel.Engine.Replicas;
using Laurel.Platform.Access;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace Laurel.Platform.Tenants;

/// <summary>The doors of this capability.</summary>
public static class TenantsModule
{
    /// <param name="prepare">What this node loads of a tenant before it answers for it.</param>
    /// <param name="begin">What a tenant begins with.</param>
    public static void AddTenants(this IServiceCollection services, PrepareTenant prepare, BeginTenant begin)
    {
        services.AddSingleton(begin);
        services.AddSingleton(provider =>
        {
            var router = provider.GetRequiredService<ReadRouter>();
            return new TenantDirectory(
                cancellationToken => router.ReadNewestAsync(from => TenantQueries.AllAsync(from, cancellationToken)), prepare);
        });
        services.AddSingleton<TenantRegisterKind>();
        services.AddSingleton<TenantDoors>();
        services.AddHostedService<TenantWatch>();
    }

    public static void MapTenants(this IEndpointRouteBuilder routes)
    {
        Read<TenantPage>(
            routes.MapGet("/api/tenants", (HttpContext context, TenantDoors doors) => doors.ListAsync(context)),
            "Tenants by keyset cursor.");
        Read<TenantReply>(
            routes.MapGet("/api/tenants/{code}", (HttpContext context, string code, TenantDoors doors) => doors.FindAsync(context, code)),
            "One tenant.");
        Write(
            routes.MapPost("/api/tenants", (HttpContext context, TenantDoors doors) => doors.CreateAsync(context)).Accepts<CreateTenantBody>("application/json"),
            StatusCodes.Status201Created, "Adds a tenant; the answer shows the key of its first administrator once.");
        Write(
            routes.MapPut("/api/tenants/{code}", (HttpContext context, string code, TenantDoors doors) => doors.ChangeAsync(context, code))
                .Accepts<TenantBody>("application/json"),
            StatusCodes.Status200OK, "Gives a tenant another name and other hosts.");
        Write(
            routes.MapPost("/api/tenants/{code}/suspend", (HttpContext context, string code, TenantDoors doors) => doors.SuspendAsync(context, code))
                .Accepts<SuspendTenantBody>("application/json"),
            StatusCodes.Status200OK, "Refuses every call for a tenant from now on, and holds back what leaves the house for it.");
        Write(
            routes.MapPost("/api/tenants/{code}/resume", (HttpContext context, string code, TenantDoors doors) => doors.ResumeAsync(context, code)),
            StatusCodes.Status200OK, "Lets a tenant go on.");
    }

    private static void Write(RouteHandlerBuilder route, int status, string summary) => route
        .RequirePermission(Permission.TenantsWrite)
        .OnlyForPlatform()
        .Produces<TenantReply>(status)
        .ProducesProblem(StatusCodes.Status404NotFound)
        .ProducesProblem(StatusCodes.Status409Conflict)
        .WithSummary(summary);

    private static void Read<TReply>(RouteHandlerBuilder route, string summary) => route
        .RequirePermission(Permission.TenantsRead)
        .OnlyForPlatform()
        .Produces<TReply>()
        .ProducesProblem(StatusCodes.Status404NotFound)
        .WithSummary(summary);
}

/// <summary>Reads the tenants anew every few seconds: what was changed on another node is obeyed here within <see cref="Every"/>.</summary>
internal sealed partial class TenantWatch(TenantDirectory directory, TimeProvider clock, ILogger<TenantWatch> logger) : BackgroundService
{
    public static readonly TimeSpan Every = TimeSpan.FromSeconds(3);

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        while (!stoppingToken.IsCancellationRequested)
        {
            try
            {
                await directory.RefreshAsync(stoppingToken);
            }
            catch (Exception exception) when (exception is not OperationCanceledException)
            {
                // What is remembered holds until the database answers again.
                NotRead(logger, exception);
            }

            await Task.Delay(Every, clock, stoppingToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }

    [LoggerMessage(190, LogLevel.Warning, "The tenants could not be read; they are obeyed as they were.")]
    private static partial void NotRead(ILogger logger, Exception exception);
}
